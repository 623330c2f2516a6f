// Working trees: the tracked files of a local repository as they are on disk.

import { binaryToBytes, binaryToUtf8 } from "../../format/bytes.ts";
import { FetchError, mark, reasonOf } from "../errors.ts";
import type { TreeWriter } from "../tree_writer.ts";
import type { FetchContext } from "./context.ts";
import { isFile } from "./git_refs.ts";
import { COMMIT_MODE, git, gitArgs, ignoredPaths, prefixesOf, readAttributes, type Repository } from "./git_tree.ts";
import { parseGitmodules, type SubmoduleConfig } from "./git_submodules.ts";
import { run, runOk } from "./program.ts";
import { isHostSymlink, refuseSymlinks, writeHostFile } from "./host_tree.ts";

/** Attributes that make git change what it checks out. */
const CONVERTING = new Set(["text", "eol", "crlf", "ident", "filter", "working-tree-encoding"]);

/** What `git status` says of files in conflict. To C++ Nix they are there, even where one side deleted them. */
const CONFLICTS = new Set(["DD", "AU", "UD", "UA", "DU", "AA", "UU"]);

/** What is checked out. */
export interface Workdir {
  /** The commit it is based on, undefined in a new repository. */
  readonly headRev: string | undefined;
  /** Tracked files that are there, as paths from the top, sorted. Submodules are not among them. */
  readonly files: readonly { readonly path: string; readonly id: string }[];
  /** Whether a tracked file differs from the commit, as far as C++ Nix sees that. */
  readonly isDirty: boolean;
  /** Whether one of those is there still. */
  readonly hasChanges: boolean;
  /** Whether the files are, to the byte, what the commit has. */
  readonly isAsCommitted: boolean;
  readonly submodules: readonly SubmoduleConfig[];
}

/** Something the index names. */
interface IndexEntry {
  readonly path: string;
  readonly mode: string;
  readonly id: string;
  /** Flagged `assume-unchanged`: git doesn't look at the file, and to C++ Nix it is no change, whatever it is. */
  readonly assumed: boolean;
  /** Flagged `skip-worktree`, which sparse checkouts do: git doesn't look at the file. To C++ Nix one that isn't there was deleted. */
  readonly skipped: boolean;
}

/** Looks at a working tree. Files nobody told git about don't count. */
export async function readWorkdir(cx: FetchContext, repository: Repository, path: string): Promise<Workdir> {
  const index = readIndex(cx, repository);
  // Side by side: on a large tree each takes a while.
  const [head, entries, status, isConverted] = await Promise.all([
    run(cx, "git", { args: gitArgs(repository, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") }),
    index,
    git(
      cx,
      repository,
      ...["status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=all", "--no-renames"],
    ),
    index.then((entries) => isChangedOnCheckout(cx, repository, entries)),
  ]);
  const assumed = new Set(entries.filter((entry) => entry.assumed).map((entry) => entry.path));
  const deleted = new Set<string>();
  let isDirty = false;
  let hasChanges = false;
  for (const entry of status.split("\0")) {
    const name = entry.slice(3);
    // New files only: those that differ from the commit in the index are changes to C++ Nix too.
    if (entry === "" || (entry[0] === "A" && assumed.has(name))) continue;
    isDirty = true;
    const isDeleted = (entry[0] === "D" || entry[1] === "D") && !CONFLICTS.has(entry.slice(0, 2));
    if (isDeleted || isSpecial(`${path}/${name}`)) deleted.add(name);
    else hasChanges = true;
  }
  const isThere = presence(path);
  const files: { path: string; id: string }[] = [];
  let last: string | undefined;
  let isWhole = true;
  for (const { path, mode, id, assumed, skipped } of entries) {
    // There is nothing in the tree at the place of a commit of another repository.
    if (assumed || skipped || mode === COMMIT_MODE) isWhole = false;
    // A file in conflict is there in several stages.
    if (mode === COMMIT_MODE || path === last || deleted.has(path)) continue;
    last = path;
    if ((assumed || skipped) && !isThere(path)) {
      isDirty ||= !assumed;
      continue;
    }
    files.push({ path, id });
  }
  const headRev = head.code === 0 ? head.stdout.trim() : undefined;
  if (!isDirty && headRev !== undefined && entries.some(({ assumed, skipped }) => skipped && !assumed)) {
    isDirty = await isIndexChanged(cx, repository);
  }
  const config = `${path}/.gitmodules`;
  const submodules = isFile(config) ? await parseGitmodules(cx, repository, ["--file", binaryToUtf8(config)]) : [];
  const isAsCommitted = headRev !== undefined && isWhole && !isDirty && !isConverted;
  return { headRev, files, isDirty, hasChanges, isAsCommitted, submodules };
}

async function readIndex(cx: FetchContext, repository: Repository): Promise<IndexEntry[]> {
  const listed = await git(cx, repository, "ls-files", "-v", "--stage", "-z", "--full-name", "--", ":/");
  const entries: IndexEntry[] = [];
  for (const line of listed.split("\0")) {
    const tab = line.indexOf("\t");
    if (tab < 0) continue;
    const [tag, mode, id] = line.slice(0, tab).split(" ");
    const upper = tag.toUpperCase();
    entries.push({ path: line.slice(tab + 1), mode, id, assumed: tag !== upper, skipped: upper === "S" });
  }
  return entries;
}

/** Whether the index has something the commit hasn't; files that git was only told of (`add -N`) count, unlike in `status`. */
async function isIndexChanged(cx: FetchContext, repository: Repository): Promise<boolean> {
  const args = ["diff-index", "--cached", "--quiet", "--ita-visible-in-index", "HEAD", "--"];
  return (await run(cx, "git", { args: gitArgs(repository, ...args) })).code === 1;
}

/** Returns what tells whether there is a file; whole directories that aren't there, as in sparse checkouts, are looked for once. */
function presence(top: string): (path: string) => boolean {
  const directories = new Map<string, boolean>();
  const isThere = (path: string): boolean => {
    const slash = path.lastIndexOf("/");
    if (slash >= 0) {
      const directory = path.slice(0, slash);
      let known = directories.get(directory);
      if (known === undefined) directories.set(directory, known = isThere(directory));
      if (!known) return false;
    }
    try {
      Deno.lstatSync(binaryToUtf8(`${top}/${path}`));
      return true;
    } catch (e) {
      if (e instanceof Deno.errors.NotFound || e instanceof Deno.errors.NotADirectory) return false;
      throw e;
    }
  };
  return isThere;
}

/**
 * Whether what is checked out may differ from the objects though git sees no change: executable bits and symlinks it was
 * told not to care about; line endings, keywords, filters. Attributes are in many places (files nobody told git about,
 * `info/attributes`, the user's, the system's), so git is asked.
 */
async function isChangedOnCheckout(
  cx: FetchContext,
  repository: Repository,
  entries: readonly IndexEntry[],
): Promise<boolean> {
  const settings = run(cx, "git", {
    args: gitArgs(repository, "config", "-z", "--get-regexp", "^core\\.(autocrlf|filemode|symlinks)$"),
  });
  const attributes = runOk(cx, "git", {
    args: gitArgs(repository, "check-attr", "--all", "-z", "--stdin"),
    input: binaryToBytes(entries.map(({ path }) => `${path}\0`).join("")),
  });
  const [{ stdout }, output] = await Promise.all([settings, attributes]);
  // The last one counts: the repository's.
  const values = new Map<string, string>();
  for (const setting of stdout.split("\0")) {
    const [name, value = "true"] = setting.split("\n");
    if (name !== "") values.set(name, value);
  }
  for (const [name, value] of values) {
    if (/^(?:false|no|off|0*)$/i.test(value) !== (name === "core.autocrlf")) return true;
  }
  const fields = output.split("\0");
  for (let i = 0; i + 2 < fields.length; i += 3) {
    if (CONVERTING.has(fields[i + 1]) && fields[i + 2] !== "unset") return true;
  }
  return false;
}

/** Writes the files of a working tree. If its path is a symlink that is the tree, as C++ Nix has it. */
export async function writeWorkdir(
  cx: FetchContext,
  repository: Repository,
  tree: {
    readonly workdir: Workdir;
    /** Where it is; a binary string. */
    readonly path: string;
    readonly writer: TreeWriter;
    readonly exportIgnore: boolean;
  },
): Promise<void> {
  const { workdir, path, writer, exportIgnore } = tree;
  // C++ Nix makes a key for its cache of the contents of what was changed, but where there are submodules.
  if (workdir.hasChanges && workdir.submodules.length === 0) refuseSymlinks(path);
  if (isHostSymlink(path)) return writeHostFile(path, { writer, to: "" });
  const files = new Set(workdir.files.map((file) => file.path));
  // Directories are there even if all in them is ignored.
  const paths = [...new Set(workdir.files.flatMap((file) => prefixesOf(file.path)))];
  const ignored = exportIgnore
    ? await ignoredPaths(cx, repository, {
      paths,
      attributes: await readAttributes(cx, repository, await readIndex(cx, repository)),
    })
    : new Set();
  for (const to of paths) {
    cx.signal?.throwIfAborted();
    if (ignored.has(to)) continue;
    if (!files.has(to)) {
      writer.directory(to);
      continue;
    }
    const from = `${path}/${to}`;
    try {
      writeHostFile(from, { writer, to });
    } catch (e) {
      if (e instanceof FetchError) throw e;
      const isMissing = e instanceof Deno.errors.NotFound;
      // A file in conflict. C++ Nix looks at it for its cache, where trees with submodules aren't.
      if (isMissing && workdir.submodules.length > 0) continue;
      const message = isMissing
        ? mark`path '${`/${from}`}' does not exist`
        : mark`reading file '${from}': ${reasonOf(e)}`;
      throw new FetchError("not-found", message, { cause: e });
    }
  }
}

/** Whether something is neither file, symlink nor directory: a pipe, say. To C++ Nix such a file was deleted. */
function isSpecial(path: string): boolean {
  try {
    const { isFile, isSymlink, isDirectory } = Deno.lstatSync(binaryToUtf8(path));
    return !isFile && !isSymlink && !isDirectory;
  } catch {
    return false;
  }
}
