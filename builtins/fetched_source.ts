/** Sources that the search path and the command line name by URL: `channel:NAME`, a tarball's URL, `flake:REFERENCE`. */
import { parseFlakeRef, printFlakeRef } from "../lib/fetch/flake_ref.ts";
import { fetchStorePath, type UrlFetch } from "../lib/fetch/fetch.ts";
import { isDirect } from "../lib/fetch/input.ts";
import { resolvePseudoUrl } from "../lib/fetch/pseudo_url.ts";
import { getAttr } from "../lib/runtime/attrs.ts";
import { force } from "../lib/runtime/thunk.ts";
import { stringText, type Value } from "../lib/runtime/value.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { requireFeature } from "./_features.ts";
import { asNixErrors, enter, type FetchDeps, fetchNow, inNoRegistry, inputOptionsOf } from "./_fetching.ts";
import { inputTree } from "./_input_tree.ts";

const OUT_PATH = intern("outPath");

/** Fetches the archive a pseudo-URL stands for and returns the store path of what is in it. @throws {NixError} */
export function fetchPseudoUrl(deps: FetchDeps, url: string): string {
  const fetch: UrlFetch = { kind: "tarball", url: resolvePseudoUrl(url), name: "source" };
  const { hash } = fetchNow(deps, fetch);
  return stringText(enter(deps, fetch, fetchStorePath({ ...fetch, hash }, { storeDir: deps.io.storeDir })!));
}

/**
 * Returns the store path of a flake's tree, given the reference after `flake:`; it needn't be one: a URL without an
 * archive's extension is a file. @throws {NixError}
 */
export function fetchFlakeSource(deps: FetchDeps, reference: string): string {
  requireFeature(deps.settings.features, "flakes");
  const ref = asNixErrors(() => parseFlakeRef(reference, { ...inputOptionsOf(deps), isFlake: false }));
  const { input } = ref;
  if (!isDirect(input)) throw inNoRegistry(asNixErrors(() => printFlakeRef(ref)));
  const tree = inputTree(deps, input);
  return stringText(force(getAttr(tree, OUT_PATH)!) as Value & Parameters<typeof stringText>[0]);
}
