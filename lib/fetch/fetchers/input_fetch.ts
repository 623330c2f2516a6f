// Fetching inputs of every kind, and checking what came.

import { printHash } from "../../format/hash.ts";
import { attrsToJson, type InputAttrs, needString, withAttrs } from "../attrs.ts";
import type { CachedTree } from "../cache.ts";
import { inputError, mark, unsupportedInput, withFrame } from "../errors.ts";
import { checkLocks, type Input, inputFromUrl, inputType, isDirect, narHashMismatch, printInput } from "../input.ts";
import { narHashOf, narHashSri } from "../input_hash.ts";
import { alreadyThere, type FetchContext, innerOptions, type InputFetcher, type ObtainedInput } from "./context.ts";
import { downloadFile, downloadTarball } from "./download.ts";
import { fetchForge } from "./forge.ts";
import { fetchGit } from "./git.ts";
import { fetchHg } from "./hg.ts";
import { fetchPath } from "./path.ts";

/** An input that was fetched and accepted. */
export interface FetchedInput {
  readonly tree: CachedTree;
  /** All attributes, `narHash` among them. */
  readonly attrs: InputAttrs;
  readonly fromCache: boolean;
}

const FETCHERS: Readonly<Record<string, InputFetcher>> = {
  file: fetchFile,
  git: fetchGit,
  github: fetchForge,
  gitlab: fetchForge,
  hg: fetchHg,
  path: fetchPath,
  sourcehut: fetchForge,
  tarball: fetchTarball,
};

/** Fetches an input and checks that it is what was specified; nothing is kept if not. @throws {FetchError} */
export async function fetchInput(cx: FetchContext, input: Input): Promise<FetchedInput> {
  if (input.scheme === undefined) {
    throw unsupportedInput(mark`cannot fetch unsupported input '${attrsToJson(input.attrs)}'`);
  }
  const { obtained, result } = await withFrame(
    () => mark`while fetching the input '${printInput(input)}'`,
    async () => {
      const obtained = await obtain(cx, input);
      try {
        // What comes from a repository has no hash of its own: its commit vouches for it. It is compared below.
        const claims = HASHED.has(inputType(input)) ? { narHash: printHash(obtained.narHash, "sri") } : {};
        const result = checkLocks(input, { scheme: input.scheme, attrs: withAttrs(obtained.attrs, claims) });
        return { obtained, result };
      } catch (e) {
        obtained.discard();
        throw e;
      }
    },
  );
  const narHash = printHash(obtained.narHash, "sri");
  const wanted = narHashSri(input.attrs);
  if (wanted !== undefined && wanted !== narHash) {
    obtained.discard();
    throw narHashMismatch(input, narHash);
  }
  const tree = await obtained.keep();
  return { tree, attrs: withAttrs(result.attrs, { narHash }), fromCache: obtained.fromCache };
}

/** Kinds whose fetcher computes the hash itself, so that a wrong one is noticed while fetching. */
const HASHED = new Set(["file", "tarball"]);

async function obtain(cx: FetchContext, input: Input): Promise<ObtainedInput> {
  const known = byHash(cx, input);
  if (known !== undefined) return known;
  if (!isDirect(input)) {
    throw unsupportedInput(mark`indirect input '${printInput(input)}' cannot be fetched directly`);
  }
  return await FETCHERS[inputType(input)](cx, input);
}

/** Returns the tree the input names by its hash, if it is there and the input says all else that fetching would tell. */
function byHash(cx: FetchContext, input: Input): ObtainedInput | undefined {
  const { attrs } = input;
  const narHash = narHashOf(attrs);
  if (narHash === undefined || !tellsAll(input)) return undefined;
  const tree = cx.cache.tree(narHash);
  return tree === undefined ? undefined : { ...alreadyThere(tree), attrs };
}

/** Whether fetching would tell nothing that the attributes don't: then its hash is enough to know the tree. */
function tellsAll(input: Input): boolean {
  const { attrs } = input;
  const has = (name: string) => attrs.has(name);
  switch (inputType(input)) {
    case "file":
      return true;
    case "tarball":
    case "path":
      return has("lastModified");
    case "github":
    case "gitlab":
    case "sourcehut":
      return has("rev") && has("lastModified");
    case "git":
      return has("rev") && has("lastModified") && (has("revCount") || attrs.get("shallow") === true);
    case "hg":
      return has("rev") && has("revCount");
    default:
      return false;
  }
}

async function fetchFile(cx: FetchContext, input: Input): Promise<ObtainedInput> {
  return { ...await downloadFile(cx, needString(input.attrs, "url")), attrs: input.attrs };
}

async function fetchTarball(cx: FetchContext, input: Input): Promise<ObtainedInput> {
  const downloaded = await downloadTarball(cx, needString(input.attrs, "url"));
  const { immutableUrl, lastModified } = downloaded;
  let { attrs } = input;
  if (immutableUrl !== undefined) {
    const immutable = inputFromUrl(immutableUrl, innerOptions(cx));
    if (inputType(immutable) !== "tarball") {
      downloaded.discard();
      throw inputError("tarball 'Link' headers that redirect to non-tarball URLs are not supported");
    }
    attrs = immutable.attrs;
  }
  if (lastModified !== 0 && !attrs.has("lastModified")) attrs = withAttrs(attrs, { lastModified });
  return { ...downloaded, attrs };
}
