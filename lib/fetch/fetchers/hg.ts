// Mercurial inputs, with the hg program where there is one. As C++ Nix has them (libfetchers/mercurial.cc).

import { binaryToUtf8 } from "../../format/bytes.ts";
import { parseSri, printHash } from "../../format/hash.ts";
import { maybeString, needString, withAttrs } from "../attrs.ts";
import { FetchError, inputError, mark, redactUrl } from "../errors.ts";
import type { Input } from "../input.ts";
import { revOf, revText } from "../input_hash.ts";
import { parseUrl, printUrl, urlPathToFile } from "../url.ts";
import { alreadyThere, type FetchContext, type ObtainedInput, writePassingTree, writeTree } from "./context.ts";
import { writeHostFile, writeHostTree } from "./host_tree.ts";
import { programError, run, runOk } from "./program.ts";

/** What the cache knows of a commit. */
interface CommitFact {
  /** SRI. */
  readonly narHash: string;
  readonly revCount: number;
  readonly branch: string;
}

/** Fetches an input of type `hg`. @throws {FetchError} */
export async function fetchHg(cx: FetchContext, input: Input): Promise<ObtainedInput> {
  const { attrs } = input;
  const url = parseUrl(needString(attrs, "url"));
  const local = url.scheme === "file" ? urlPathToFile(url.path) : undefined;
  const wanted = revOf(attrs);
  if (wanted !== undefined && wanted.algo !== "sha1") {
    const shown = printHash(wanted, "base16", { prefix: true });
    throw inputError(mark`Hash '${shown}' is not supported by Mercurial. Only sha1 is supported.`);
  }
  const ref = maybeString(attrs, "ref");
  if (local !== undefined && ref === undefined && wanted === undefined && await isUnclean(cx, local)) {
    return await fetchUnclean(cx, input, local);
  }
  const location = local ?? printUrl(url);
  const branch = ref ?? "default";
  let rev = wanted === undefined ? undefined : revText(wanted);
  const refKey = `${location} ${branch}`;
  if (rev === undefined) {
    const known = cx.cache.fact<string>("hgRef", refKey);
    if (known !== undefined && (cx.settings.offline || cx.cache.isFresh(known, cx.settings.tarballTtl))) {
      rev = known.value;
    }
  }
  if (rev !== undefined) {
    const known = fromCache(cx, input, rev);
    if (known !== undefined) return known;
  }
  const clone = cx.cache.repositoryPath("hg", location);
  return await cx.cache.exclusively(clone, async () => {
    await updateClone(cx, { clone, location, rev });
    const described = await hg(cx, [
      "log",
      "-R",
      clone,
      "-r",
      rev ?? binaryToUtf8(branch),
      "--template",
      "{node} {rev} {branch}",
    ]);
    const [node, count, onBranch] = described.split(" ");
    if (wanted === undefined) cx.cache.note("hgRef", refKey, node);
    const known = fromCache(cx, input, node);
    if (known !== undefined) return known;
    const scratch = cx.cache.scratchPath();
    await hg(cx, ["archive", "-R", clone, "-r", node, scratch]);
    try {
      Deno.removeSync(`${scratch}/.hg_archival.txt`);
    } catch (e) {
      // With ui.archivemeta=false there is none.
      if (!(e instanceof Deno.errors.NotFound)) throw e;
    }
    const fact = { revCount: Number(count), branch: onBranch };
    const obtained = await writeTree(cx, (writer) => {
      writeHostTree(scratch, { writer, to: "" });
      return Promise.resolve();
    }, (narHash) => cx.cache.note("hg", node, { ...fact, narHash } satisfies CommitFact));
    Deno.removeSync(scratch, { recursive: true });
    return { ...obtained, attrs: withAttrs(attrs, { rev: node, ref: onBranch, revCount: fact.revCount }) };
  });
}

function fromCache(cx: FetchContext, input: Input, rev: string): ObtainedInput | undefined {
  const fact = cx.cache.fact<CommitFact>("hg", rev);
  const tree = fact === undefined ? undefined : cx.cache.tree(parseSri(fact.value.narHash));
  if (fact === undefined || tree === undefined) return undefined;
  const { revCount, branch } = fact.value;
  return { ...alreadyThere(tree), attrs: withAttrs(input.attrs, { rev, ref: branch, revCount }) };
}

async function updateClone(
  cx: FetchContext,
  wanted: { readonly clone: string; readonly location: string; readonly rev: string | undefined },
): Promise<void> {
  const { clone, rev } = wanted;
  const location = binaryToUtf8(wanted.location);
  const present = exists(clone);
  if (rev !== undefined && present) {
    const { stdout } = await run(cx, "hg", { args: ["log", "-R", clone, "-r", rev, "--template", "1"] });
    if (stdout === "1") return;
  }
  const shown = redactUrl(wanted.location);
  if (cx.settings.offline) {
    throw new FetchError("offline", mark`cannot fetch Mercurial repository '${shown}': ${"no network (--offline)"}`);
  }
  const activity = cx.report.start({ kind: "tree", text: `fetching Mercurial repository '${shown}'` });
  try {
    if (!present) {
      // Aside: half a clone would be taken for one.
      const scratch = cx.cache.scratchPath();
      await hg(cx, ["clone", "--noupdate", "--", location, scratch]);
      Deno.renameSync(scratch, clone);
      return;
    }
    const pull = ["pull", "-R", clone, "--", location];
    const { code, stderr } = await run(cx, "hg", { args: pull });
    if (code === 0) return;
    if (!exists(`${clone}/.hg/store/journal`)) {
      throw programError(mark`'hg pull' failed with exit code ${code}`, stderr);
    }
    // An earlier pull was killed.
    await hg(cx, ["recover", "-R", clone]);
    await hg(cx, pull);
  } finally {
    activity.stop();
  }
}

async function isUnclean(cx: FetchContext, path: string): Promise<boolean> {
  if (!exists(`${path}/.hg`)) return false;
  return await hg(cx, ["status", "-R", binaryToUtf8(path), "--modified", "--added", "--removed"]) !== "";
}

/** Takes the tracked files of a working tree as they are. */
async function fetchUnclean(cx: FetchContext, input: Input, path: string): Promise<ObtainedInput> {
  const message = mark`Mercurial tree '${`"${path}"`}' is unclean`;
  if (!cx.settings.allowDirty) throw inputError(message);
  if (cx.settings.warnDirty) cx.report.warn(message);
  const dir = binaryToUtf8(path);
  const ref = (await hg(cx, ["branch", "-R", dir])).trimEnd();
  const files = await hg(cx, ["status", "-R", dir, "--clean", "--modified", "--added", "--no-status", "--print0"]);
  const obtained = await writePassingTree(cx, (writer) => {
    for (const file of files.split("\0")) {
      if (file !== "") writeHostFile(`${path}/${file}`, { writer, to: file });
    }
    return Promise.resolve();
  });
  return { ...obtained, attrs: withAttrs(input.attrs, { ref }) };
}

async function hg(cx: FetchContext, args: readonly string[]): Promise<string> {
  return await runOk(cx, "hg", { args });
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(binaryToUtf8(path));
    return true;
  } catch {
    return false;
  }
}
