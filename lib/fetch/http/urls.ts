// URLs on their way to `fetch`, and where redirects lead.
//
// Browsers' `fetch` refuses URLs with credentials and Deno's doesn't: they are no part of what is sent.

import { FetchError, mark, redactUrl } from "../errors.ts";
import { checkScheme } from "../url.ts";
import { fatalError } from "./errors.ts";

/** Protocols C++ Nix downloads by and nobody here does. */
const CURLS_OWN = new Set(["s3", "ftp", "ftps", "sftp", "scp", "gopher", "gophers", "tftp"]);

/** Returns the URL as `fetch` takes it. @throws {FetchError} if it can't be downloaded from */
export function requestUrl(text: string): URL {
  const shown = redactUrl(text);
  checkScheme(text);
  const scheme = text.slice(0, text.indexOf(":")).toLowerCase();
  if (CURLS_OWN.has(scheme)) {
    throw new FetchError("unsupported", mark`unable to download '${shown}': protocol '${scheme}' is not supported`);
  }
  if (scheme !== "http" && scheme !== "https") {
    throw fatalError(shown, `Unsupported protocol (1) Protocol "${scheme}" not supported`);
  }
  try {
    return new URL(text);
  } catch {
    throw fatalError(
      shown,
      "URL using bad/illegal format or missing URL (3) URL rejected: Malformed input to a URL function",
    );
  }
}

/** Returns where an answer with a `Location` leads: to http and https only. @throws {FetchError} */
export function redirectedUrl(
  from: URL,
  location: string,
  { shown, status }: { readonly shown: string; readonly status: number },
): URL {
  let to: URL;
  try {
    to = new URL(location, from);
  } catch {
    throw fatalError(
      shown,
      `HTTP error ${status} (curl error: URL using bad/illegal format or missing URL) redirected to "${
        redactUrl(location)
      }"`,
    );
  }
  if (to.protocol !== "http:" && to.protocol !== "https:") {
    const protocol = to.protocol.slice(0, -1);
    throw fatalError(
      shown,
      `HTTP error ${status} (curl error: Unsupported protocol) Protocol "${protocol}" disabled in followed redirect`,
    );
  }
  if (to.hash === "") to.hash = from.hash;
  return to;
}

/** Returns a URL without its credentials. */
export function printWithoutCredentials(url: URL): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
}
