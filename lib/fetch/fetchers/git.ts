// Git inputs, with the git program.
//
// A local repository is used where it is; anything else is fetched into a bare clone of our own (git_clone.ts). The tree then
// comes out of the objects (git_tree.ts), except for a local working tree whose files aren't what the commit has
// (git_workdir.ts): there the tracked files count as they are.
//
// Attributes, defaults and messages are C++ Nix's (libfetchers/git.cc). Its quirks that show: a local path that isn't the
// top of a repository with a working tree is fetched from like a remote; a clean working tree has the ref HEAD points at; a
// repository without commits has the revision of forty zeros.

import { binaryToUtf8, utf8ToBinary } from "../../format/bytes.ts";
import { hashHex, parseSri, printHash } from "../../format/hash.ts";
import { type AttrValue, type InputAttrs, maybeBool, maybeString, needString, withAttrs } from "../attrs.ts";
import { FetchError, inputError, mark, redactUrl } from "../errors.ts";
import { type Input, inputFromAttrs, printInput } from "../input.ts";
import { revOf, revText } from "../input_hash.ts";
import { parseUrl, printUrl, urlPathToFile, withoutQuery } from "../url.ts";
import {
  alreadyThere,
  type FetchContext,
  innerOptions,
  type Obtained,
  type ObtainedInput,
  writePassingTree,
  writeTree,
} from "./context.ts";
import { readClone } from "./git_clone.ts";
import { isHostSymlink } from "./host_tree.ts";
import { checkFormat } from "./git_format.ts";
import { defaultRef, exists, headRef, type Opened, resolveRef } from "./git_refs.ts";
import { resolveSubmoduleUrl, type Submodule, submodulesOf, writeSubmodules } from "./git_submodules.ts";
import {
  git,
  type GitEntry,
  hasObject,
  hasWorkdir,
  listTree,
  readAttributes,
  type Repository,
  withoutIgnored,
  writeEntries,
} from "./git_tree.ts";
import { verifyCommit } from "./git_verify.ts";
import { readWorkdir, type Workdir, writeWorkdir } from "./git_workdir.ts";

const NULL_REV = "0".repeat(40);

/** What the cache knows of a commit's tree. */
interface TreeFact {
  /** SRI. */
  readonly narHash: string;
}

/** Where a repository is. */
type Location =
  | { readonly kind: "local"; readonly path: string }
  /** `url` has no parameters that are ours. */
  | { readonly kind: "remote"; readonly url: string };

/** Fetches a git input. @throws {FetchError} */
export async function fetchGit(cx: FetchContext, input: Input): Promise<ObtainedInput> {
  const { attrs } = input;
  const rev = revOf(attrs);
  if (rev !== undefined && rev.algo !== "sha1" && rev.algo !== "sha256") {
    const shown = printHash(rev, "base16", { prefix: true });
    throw inputError(mark`Hash '${shown}' is not supported by Git. Supported types are sha1 and sha256.`);
  }
  const location = locate(cx, attrs);
  if (maybeBool(attrs, "exportIgnore") && maybeBool(attrs, "submodules")) {
    throw new FetchError("unsupported", "exportIgnore and submodules are not supported together yet");
  }
  const chosen = maybeString(attrs, "ref") !== undefined || rev !== undefined;
  if (location.kind === "remote" || chosen) return await fetchCommit(cx, input, location);
  return await fetchWorkdir(cx, input, location.path);
}

function locate(cx: FetchContext, attrs: InputAttrs): Location {
  const url = parseUrl(needString(attrs, "url"));
  if (url.scheme !== "file") return { kind: "remote", url: printUrl(withoutQuery(url, ["dir"])) };
  const path = urlPathToFile(url.path);
  const bare = exists(path) && !exists(`${path}/.git`);
  if (cx.settings.forceHttp || bare) {
    return { kind: "remote", url: printUrl({ ...url, query: new Map() }) };
  }
  if (path[0] !== "/") {
    cx.report.warn(
      mark`Fetching Git repository '${printUrl(url)}', which uses a path relative to the current directory. ` +
        "This is not supported and will stop working in a future release. " +
        mark`See ${"https://github.com/NixOS/nix/issues/12281"} for details.`,
    );
    return { kind: "local", path: `${utf8ToBinary(Deno.cwd())}/${path}` };
  }
  return { kind: "local", path };
}

/** What identifies the tree that options make of a commit. */
function fingerprint(rev: string, attrs: InputAttrs): string {
  const flags = [["submodules", ";s"], ["exportIgnore", ";e"], ["lfs", ";l"]] as const;
  return rev + flags.map(([name, flag]) => maybeBool(attrs, name) ? flag : "").join("");
}

async function fetchCommit(cx: FetchContext, input: Input, location: Location): Promise<ObtainedInput> {
  const shallow = maybeBool(input.attrs, "shallow") ?? false;
  const shown = location.kind === "local" ? location.path : redactUrl(location.url);
  const wantedRev = revOf(input.attrs);

  // The commit says all; nobody need be asked for the tree if it is here already.
  if (wantedRev !== undefined && location.kind === "remote") {
    const known = fromCache(cx, input, revText(wantedRev));
    if (known !== undefined) return known;
  }

  const read = async ({ repository, ref, rev }: Opened): Promise<ObtainedInput> => {
    if (!shallow && await isShallow(cx, repository)) {
      throw inputError(
        mark`'${shown}' is a shallow Git repository, but shallow repositories are only allowed when ` +
          "`shallow = true;` is specified",
      );
    }
    if (location.kind === "local") await requireObject(cx, repository, rev);
    const attrs = await commitAttrs(cx, { attrs: input.attrs, repository, ref, rev });
    await verifyCommit(cx, { attrs, repository, rev, shown: printInput(input) });
    const obtained = await commitTree(cx, { repository, attrs, rev, ref });
    return { ...obtained, attrs };
  };
  return location.kind === "local"
    ? await read(await openLocal(cx, input.attrs, location.path))
    : await readClone(cx, { attrs: input.attrs, url: location.url }, read);
}

/** Returns what the cache knows of a commit, if that is all there is to know. */
function fromCache(cx: FetchContext, input: Input, rev: string): ObtainedInput | undefined {
  const { attrs } = input;
  if (attrs.has("publicKey") || attrs.has("publicKeys") || maybeBool(attrs, "verifyCommit")) return undefined;
  const tree = cx.cache.fact<TreeFact>("git", fingerprint(rev, attrs));
  const lastModified = cx.cache.fact<number>("gitLastModified", rev);
  const shallow = maybeBool(attrs, "shallow") ?? false;
  const revCount = shallow ? undefined : cx.cache.fact<number>("gitRevCount", rev);
  const ref = maybeString(attrs, "ref");
  if (tree === undefined || lastModified === undefined || (!shallow && revCount === undefined)) return undefined;
  const cached = cx.cache.tree(parseSri(tree.value.narHash));
  if (cached === undefined) return undefined;
  return {
    ...alreadyThere(cached),
    attrs: withAttrs(attrs, {
      rev,
      lastModified: lastModified.value,
      ...(revCount === undefined ? {} : { revCount: revCount.value }),
      ...(ref === undefined ? {} : { ref }),
    }),
  };
}

async function commitAttrs(
  cx: FetchContext,
  commit: {
    readonly attrs: InputAttrs;
    readonly repository: Repository;
    readonly ref: string;
    readonly rev: string;
  },
): Promise<InputAttrs> {
  const { attrs, repository, ref, rev } = commit;
  const changed: Record<string, AttrValue> = { ref, rev, lastModified: await lastModifiedOf(cx, repository, rev) };
  if (!maybeBool(attrs, "shallow")) changed.revCount = await revCountOf(cx, repository, rev);
  return withAttrs(attrs, changed);
}

/** Returns the time of a commit in seconds since 1970. */
async function lastModifiedOf(cx: FetchContext, repository: Repository, rev: string): Promise<number> {
  const known = cx.cache.fact<number>("gitLastModified", rev);
  if (known !== undefined) return known.value;
  // As it stands there: git takes times before 1970, and those without a time zone, for none.
  const commit = await git(cx, repository, "cat-file", "commit", `${rev}^{commit}`);
  const time = Number(/^committer .*> *(-?\d+)/m.exec(commit)?.[1] ?? 0);
  cx.cache.note("gitLastModified", rev, time);
  return time;
}

/** Returns how many commits lead to one, itself included. */
async function revCountOf(cx: FetchContext, repository: Repository, rev: string): Promise<number> {
  const known = cx.cache.fact<number>("gitRevCount", rev);
  if (known !== undefined) return known.value;
  const count = Number(await git(cx, repository, "rev-list", "--count", rev));
  cx.cache.note("gitRevCount", rev, count);
  return count;
}

/** Returns the tree of a commit, from the cache or the repository. */
async function commitTree(
  cx: FetchContext,
  commit: {
    readonly repository: Repository;
    readonly attrs: InputAttrs;
    readonly rev: string;
    readonly ref: string;
  },
): Promise<Obtained> {
  const { repository, attrs, rev, ref } = commit;
  const exportIgnore = maybeBool(attrs, "exportIgnore") ?? false;
  const list = async () => {
    const entries = await listTree(cx, repository, rev);
    if (!exportIgnore) return entries;
    const kept = await withoutIgnored(cx, repository, entries);
    cx.cache.note("gitExportIgnore", rev, kept !== entries);
    return kept;
  };
  const mayIgnore = () => cx.cache.fact<boolean>("gitExportIgnore", rev)?.value !== false;
  // Where something is ignored a working tree has a say in it (see ignoredPaths): the commit doesn't tell which tree it is.
  const listed = exportIgnore && hasWorkdir(repository) && mayIgnore() ? await list() : undefined;
  const paths = mayIgnore() ? listed?.map(({ path }) => `${path}\0`).join("") : undefined;
  const key = fingerprint(rev, attrs) + (paths === undefined ? "" : `;${hashHex("sha256", paths)}`);
  const known = cx.cache.fact<TreeFact>("git", key);
  const cached = known === undefined ? undefined : cx.cache.tree(parseSri(known.value.narHash));
  if (cached !== undefined) return alreadyThere(cached);

  const entries = listed ?? await list();
  if (maybeBool(attrs, "lfs")) await refuseLfs(cx, repository, entries);
  const submodules = maybeBool(attrs, "submodules") ? await submodulesOf(cx, repository, { entries, rev }) : [];
  return await writeTree(cx, async (writer) => {
    await writeEntries(cx, repository, { entries, writer, prefix: "" });
    writeSubmodules(writer, await fetchSubmodules(cx, repository, { submodules, attrs, ref }));
  }, (narHash) => cx.cache.note("git", key, { narHash } satisfies TreeFact));
}

/** Fetches the submodules of a commit, each with its own. */
async function fetchSubmodules(
  cx: FetchContext,
  repository: Repository,
  commit: { readonly submodules: readonly Submodule[]; readonly attrs: InputAttrs; readonly ref: string },
): Promise<{ readonly path: string; readonly treePath: string }[]> {
  const { submodules, attrs, ref } = commit;
  const fetched: { path: string; treePath: string }[] = [];
  for (const { path, url, branch, rev } of submodules) {
    const resolved = await resolveSubmoduleUrl(cx, repository, url);
    cx.report.message(6, `Git submodule ${path}: ${redactUrl(url)} ${branch} ${rev} -> ${redactUrl(resolved)}`);
    const inner = gitInput(cx, {
      url: resolved,
      ...(branch === "" ? {} : { ref: branch === "." ? ref : branch }),
      rev,
      exportIgnore: false,
      submodules: true,
      lfs: maybeBool(attrs, "lfs") ?? false,
      allRefs: true,
    });
    const obtained = await fetchGit(cx, inner);
    fetched.push({ path, treePath: (await obtained.keep()).path });
  }
  return fetched;
}

function gitInput(cx: FetchContext, attrs: Readonly<Record<string, AttrValue>>): Input {
  return inputFromAttrs(new Map(Object.entries({ type: "git", ...attrs })), innerOptions(cx));
}

/** Tells clearly what we don't do, but only where it is needed. */
async function refuseLfs(cx: FetchContext, repository: Repository, entries: readonly GitEntry[]): Promise<void> {
  const attributes = await readAttributes(cx, repository, entries);
  if ([...attributes.values()].some((text) => /\bfilter=lfs\b/.test(text))) {
    throw new FetchError("unsupported", "fetching files with Git LFS (`lfs = true`) is not supported");
  }
}

async function isShallow(cx: FetchContext, repository: Repository): Promise<boolean> {
  return (await git(cx, repository, "rev-parse", "--is-shallow-repository")).trim() === "true";
}

async function openLocal(cx: FetchContext, attrs: InputAttrs, path: string): Promise<Opened> {
  const repository = await openRepository(cx, path);
  const ref = maybeString(attrs, "ref") ?? await headRef(cx, repository) ?? defaultRef(cx, path);
  const rev = revOf(attrs);
  return { repository, ref, rev: rev === undefined ? await resolveRef(cx, repository, ref) : revText(rev) };
}

async function requireObject(cx: FetchContext, repository: Repository, rev: string): Promise<void> {
  if (await hasObject(cx, repository, rev)) return;
  const reason = `object not found - no match for id (${rev})`;
  throw new FetchError("program", mark`getting Git object '${rev}': ${reason} (libgit2 error code = ${9})`);
}

async function openRepository(cx: FetchContext, path: string): Promise<Repository> {
  if (!exists(path)) throw new FetchError("not-found", mark`Git repository ${`"${path}"`} does not exist.`);
  const repository: Repository = { dir: binaryToUtf8(path) };
  await checkFormat(cx, repository, path);
  return repository;
}

/** Fetches a local repository as it is checked out. */
async function fetchWorkdir(cx: FetchContext, input: Input, path: string): Promise<ObtainedInput> {
  const repository = await openRepository(cx, path);
  const workdir = await readWorkdir(cx, repository, path);
  const withSubmodules = maybeBool(input.attrs, "submodules") ?? false;
  const isLink = isHostSymlink(path);
  if (workdir.isAsCommitted && !isLink) {
    const attrs = await cleanAttrs(cx, repository, { attrs: input.attrs, workdir });
    await verifyCommit(cx, { attrs, repository, rev: workdir.headRev!, shown: printInput(input) });
    const obtained = await commitTree(cx, { repository, attrs, rev: workdir.headRev!, ref: "" });
    return { ...obtained, attrs };
  }
  const nested = withSubmodules ? await fetchNestedWorkdirs(cx, workdir, path, input.attrs) : [];
  const isDirty = workdir.isDirty || nested.some(({ dirty }) => dirty);
  const attrs = isDirty
    ? await dirtyAttrs(cx, repository, { input, workdir, path })
    : await cleanAttrs(cx, repository, { attrs: input.attrs, workdir });
  await verifyCommit(cx, { attrs, repository, rev: isDirty ? undefined : workdir.headRev, shown: printInput(input) });
  const obtained = await writePassingTree(cx, async (writer) => {
    await writeWorkdir(cx, repository, {
      workdir,
      path,
      writer,
      exportIgnore: maybeBool(attrs, "exportIgnore") ?? false,
    });
    if (!isLink) writeSubmodules(writer, nested);
  });
  return { ...obtained, attrs };
}

async function fetchNestedWorkdirs(
  cx: FetchContext,
  workdir: Workdir,
  path: string,
  attrs: InputAttrs,
): Promise<{ readonly path: string; readonly treePath: string; readonly dirty: boolean }[]> {
  const nested: { path: string; treePath: string; dirty: boolean }[] = [];
  for (const submodule of workdir.submodules) {
    const inner = gitInput(cx, {
      url: `${path}/${submodule.path}`,
      exportIgnore: maybeBool(attrs, "exportIgnore") ?? false,
      submodules: true,
    });
    const obtained = await fetchGit(cx, inner);
    const dirty = maybeString(obtained.attrs, "rev") === undefined;
    nested.push({ path: submodule.path, treePath: (await obtained.keep()).path, dirty });
  }
  return nested;
}

async function cleanAttrs(
  cx: FetchContext,
  repository: Repository,
  { attrs, workdir }: { readonly attrs: InputAttrs; readonly workdir: Workdir },
): Promise<InputAttrs> {
  const ref = await headRef(cx, repository);
  const rev = workdir.headRev ?? NULL_REV;
  const changed: Record<string, AttrValue> = { ...(ref === undefined ? {} : { ref }), rev };
  if (!maybeBool(attrs, "shallow")) changed.revCount = rev === NULL_REV ? 0 : await revCountOf(cx, repository, rev);
  changed.lastModified = rev === NULL_REV ? 0 : await lastModifiedOf(cx, repository, rev);
  return withAttrs(attrs, changed);
}

async function dirtyAttrs(
  cx: FetchContext,
  repository: Repository,
  tree: { readonly input: Input; readonly workdir: Workdir; readonly path: string },
): Promise<InputAttrs> {
  const { input, workdir, path } = tree;
  const message = mark`Git tree '${path}' is dirty`;
  if (!cx.settings.allowDirty) throw inputError(message);
  if (cx.settings.warnDirty) cx.report.warn(message);
  const { headRev } = workdir;
  if (headRev === undefined) return withAttrs(input.attrs, { lastModified: 0 });
  return withAttrs(input.attrs, {
    dirtyRev: `${headRev}-dirty`,
    dirtyShortRev: `${headRev.slice(0, 7)}-dirty`,
    lastModified: await lastModifiedOf(cx, repository, headRev),
  });
}
