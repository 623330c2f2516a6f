// Commits of forges, as the archives that forges make of them. Never through their APIs, which are rate-limited: archives
// have their own endpoints, and what a branch points at is asked of git itself (`git ls-remote`).

import { parseSri, printHash } from "../../format/hash.ts";
import { maybeString, needString, withAttrs } from "../attrs.ts";
import { FetchError, mark, redactUrl, urlError } from "../errors.ts";
import type { Input } from "../input.ts";
import { revHex } from "../input_hash.ts";
import type { ForgeName } from "../schemes/forge.ts";
import { findToken, tokenHeader } from "../access_tokens.ts";
import { printInput } from "../input.ts";
import { alreadyThere, type FetchContext, type ObtainedInput } from "./context.ts";
import { downloadArchive } from "./download.ts";
import { programError, run } from "./program.ts";

/** What the cache knows of a commit. */
interface CommitFact {
  /** SRI. */
  readonly narHash: string;
  readonly lastModified: number;
}

const HOSTS: Readonly<Record<ForgeName, string>> = {
  github: "github.com",
  gitlab: "gitlab.com",
  sourcehut: "git.sr.ht",
};

/** Where archives are, unless configured otherwise. */
const ARCHIVES: Readonly<Record<ForgeName, string>> = {
  github: "https://{host}/{owner}/{repo}/archive/{rev}.tar.gz",
  gitlab: "https://{host}/{owner}/{repo}/-/archive/{rev}/{repo}-{rev}.tar.gz",
  sourcehut: "https://{host}/{owner}/{repo}/archive/{rev}.tar.gz",
};
/** github.com's own archive URLs only redirect here. */
const GITHUB_ARCHIVES = "https://codeload.github.com/{owner}/{repo}/tar.gz/{rev}";

const REPOSITORIES: Readonly<Record<ForgeName, string>> = {
  github: "https://{host}/{owner}/{repo}.git",
  gitlab: "https://{host}/{owner}/{repo}.git",
  sourcehut: "https://{host}/{owner}/{repo}",
};

/** A repository on a forge. */
interface Place {
  readonly forge: ForgeName;
  readonly host: string;
  readonly owner: string;
  readonly repo: string;
}

/** Fetches an input of a forge. @throws {FetchError} */
export async function fetchForge(cx: FetchContext, input: Input): Promise<ObtainedInput> {
  const { attrs } = input;
  const forge = needString(attrs, "type") as ForgeName;
  const place: Place = {
    forge,
    host: maybeString(attrs, "host") ?? HOSTS[forge],
    owner: needString(attrs, "owner"),
    repo: needString(attrs, "repo"),
  };
  const rev = revHex(attrs) ?? await resolveRef(cx, place, input);
  const key = `${forge}:${place.host}/${place.owner}/${place.repo}/${rev}`;
  const fact = cx.cache.fact<CommitFact>("forge", key);
  const cached = fact === undefined ? undefined : cx.cache.tree(parseSri(fact.value.narHash));
  if (fact !== undefined && cached !== undefined) {
    return { ...alreadyThere(cached), attrs: resultAttrs(input, rev, fact.value.lastModified) };
  }
  const url = fill(cx.settings.forgeArchives.get(place.host) ?? archiveTemplate(place), place, rev);
  const { obtained, lastModified } = await downloadArchive(cx, url, {
    headers: headers(cx, place),
    shown: printInput({ ...input, attrs: withAttrs(attrs, { rev, ref: undefined }) }),
  });
  return {
    ...obtained,
    attrs: resultAttrs(input, rev, lastModified),
    async keep() {
      const kept = await obtained.keep();
      const narHash = printHash(obtained.narHash, "sri");
      cx.cache.note("forge", key, { narHash, lastModified } satisfies CommitFact);
      return kept;
    },
  };
}

function resultAttrs(input: Input, rev: string, lastModified: number) {
  return withAttrs(input.attrs, { ref: undefined, rev, lastModified });
}

function archiveTemplate({ forge, host }: Place): string {
  return forge === "github" && host === "github.com" ? GITHUB_ARCHIVES : ARCHIVES[forge];
}

function fill(template: string, place: Place, rev = ""): string {
  // Groups of GitLab nest: their owner has slashes, encoded or not.
  const parts: Record<string, string> = {
    host: place.host,
    owner: place.owner.replace(/%2f/gi, "/").split("/").map(encodeURIComponent).join("/"),
    repo: encodeURIComponent(place.repo),
    rev,
  };
  return template.replace(/\{(host|owner|repo|rev)\}/g, (_, name: string) => parts[name]);
}

function headers(cx: FetchContext, place: Place): (readonly [string, string])[] {
  const token = findToken(cx.settings.accessTokens, place.host, `${place.owner}/${place.repo}`);
  return token === undefined ? [] : [tokenHeader(place.forge, token, (message) => cx.report.warn(message))];
}

/** Returns the commit that a branch or tag, or HEAD, points at. */
async function resolveRef(cx: FetchContext, place: Place, input: Input): Promise<string> {
  const ref = maybeString(input.attrs, "ref") ?? "HEAD";
  const url = fill(cx.settings.forgeRepositories.get(place.host) ?? REPOSITORIES[place.forge], place);
  const known = cx.cache.fact<string>("ref", `${url} ${ref}`);
  if (known !== undefined && (cx.settings.offline || cx.cache.isFresh(known, cx.settings.tarballTtl))) {
    return known.value;
  }
  const shown = redactUrl(url);
  if (cx.settings.offline) {
    throw new FetchError("offline", mark`cannot resolve '${ref}' of '${shown}': ${"no network (--offline)"}`);
  }
  const { code, stdout, stderr } = await run(cx, "git", {
    args: ["ls-remote", "--", url, ...candidates(ref).flatMap((name) => [name, `${name}^{}`])],
    env: { GIT_TERMINAL_PROMPT: "0", ...certificateEnv(cx), ...credentialEnv(cx, place) },
  });
  if (code !== 0) {
    const error = programError(mark`unable to resolve '${ref}' of '${shown}'`, stderr);
    if (known === undefined) throw error;
    cx.report.warn(`${error.message.split("\n", 1)[0]}; using cached version`);
    return known.value;
  }
  const refs = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const [id, name] = line.split("\t");
    if (name !== undefined) refs.set(name, id);
  }
  for (const name of candidates(ref)) {
    // A tag with a message is an object of its own that leads to the commit.
    const rev = refs.get(`${name}^{}`) ?? refs.get(name);
    if (rev === undefined) continue;
    cx.cache.note("ref", `${url} ${ref}`, rev);
    return rev;
  }
  throw urlError(mark`in '${printInput(input)}', couldn't find ref '${ref}'`);
}

/** What a ref may be the short form of, best first. */
function candidates(ref: string): string[] {
  if (ref === "HEAD" || ref.startsWith("refs/")) return [ref];
  return [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref}`];
}

/** The certificates that archives are downloaded with hold for this too, whatever git uses otherwise. */
function certificateEnv({ settings: { sslCertFile } }: FetchContext): Record<string, string> {
  return sslCertFile === undefined ? {} : { GIT_SSL_CAINFO: sslCertFile };
}

/** Hands git a token without anyone seeing it on the command line. */
function credentialEnv(cx: FetchContext, place: Place): Record<string, string> {
  const token = findToken(cx.settings.accessTokens, place.host, `${place.owner}/${place.repo}`);
  if (token === undefined) return {};
  const secret = place.forge === "gitlab" ? token.slice(token.indexOf(":") + 1) : token;
  const user = place.forge === "github" ? "x-access-token" : "oauth2";
  // After those the user has given that way.
  const count = Number(Deno.env.get("GIT_CONFIG_COUNT") ?? 0);
  return {
    GIT_CONFIG_COUNT: `${count + 1}`,
    [`GIT_CONFIG_KEY_${count}`]: "http.extraHeader",
    [`GIT_CONFIG_VALUE_${count}`]: `Authorization: Basic ${btoa(`${user}:${secret}`)}`,
  };
}
