// Tokens for forges: which one, and the header it goes into.

import type { ForgeName } from "./schemes/forge.ts";

/**
 * Returns the token for a repository: that of the longest entry "host/path" that its "host/owner/repo" begins with, whole
 * components only, else the host's.
 */
export function findToken(tokens: ReadonlyMap<string, string>, host: string, path: string): string | undefined {
  const place = `${host}/${path}`;
  let best: string | undefined;
  for (const entry of tokens.keys()) {
    if (place !== entry && !place.startsWith(`${entry}/`)) continue;
    if (best === undefined || entry.length > best.length) best = entry;
  }
  const token = best === undefined ? undefined : tokens.get(best);
  return token !== undefined && token !== "" ? token : tokens.get(host);
}

/** Returns the header that carries a token; tells `warn` of a token whose kind isn't known. */
export function tokenHeader(
  forge: ForgeName,
  token: string,
  warn: (message: string) => void,
): readonly [name: string, value: string] {
  switch (forge) {
    case "github":
      return ["Authorization", `token ${token}`];
    case "sourcehut":
      return ["Authorization", `Bearer ${token}`];
    case "gitlab": {
      const colon = token.indexOf(":");
      const kind = colon < 0 ? token : token.slice(0, colon);
      const value = token.slice(colon + 1);
      if (kind === "OAuth2") return ["Authorization", `Bearer ${value}`];
      if (kind === "PAT") return ["Private-token", value];
      if (colon < 0) {
        // Without a kind all of it is the secret: not to be shown.
        warn("Unrecognized GitLab token type");
        return ["Private-token", token];
      }
      warn(`Unrecognized GitLab token type ${kind}`);
      return [kind, value];
    }
  }
}
