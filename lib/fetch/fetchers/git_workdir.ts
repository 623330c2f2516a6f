// Working trees: the tracked files of a local repository as they are on disk.

import { binaryToBytes, binaryToUtf8 } from "../../format/bytes.ts";
import { FetchError, mark, reasonOf } from "../errors.ts";
import type { TreeWriter } from "../tree_writer.ts";
import type { FetchContext } from "./context.ts";
import { COMMIT_MODE, dropIgnored, git, gitArgs, readBlobs, type Repository } from "./git_tree.ts";
import { parseGitmodules, type SubmoduleConfig } from "./git_submodules.ts";
import { run, runOk } from "./program.ts";
import { writeHostFile } from "./host_tree.ts";

/** What is checked out. */
export interface Workdir {
  /** The commit it is based on, undefined in a new repository. */
  readonly headRev: string | undefined;
  /** Tracked files that are there, as paths from the top, sorted. Submodules are not among them. */
  readonly files: readonly { readonly path: string; readonly id: string }[];
  /** Whether a tracked file differs from the commit. */
  readonly isDirty: boolean;
  /** Whether there are commits of other repositories among the tracked files; the tree has nothing at their places. */
  readonly hasGitlinks: boolean;
  readonly submodules: readonly SubmoduleConfig[];
}

/** Looks at a working tree. Files nobody told git about don't count. */
export async function readWorkdir(cx: FetchContext, repository: Repository, path: string): Promise<Workdir> {
  const head = await run(cx, "git", { args: gitArgs(repository, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") });
  const listed = await git(cx, repository, "ls-files", "--stage", "-z", "--full-name", "--", ":/");
  const status = await git(
    cx,
    repository,
    ...["status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=all", "--no-renames"],
  );
  const deleted = new Set<string>();
  let isDirty = false;
  for (const entry of status.split("\0")) {
    if (entry === "") continue;
    isDirty = true;
    if (entry[0] === "D" || entry[1] === "D") deleted.add(entry.slice(3));
  }
  const files: { path: string; id: string }[] = [];
  let last: string | undefined;
  let hasGitlinks = false;
  for (const entry of listed.split("\0")) {
    const tab = entry.indexOf("\t");
    if (tab < 0) continue;
    const [mode, id] = entry.slice(0, tab).split(" ");
    const name = entry.slice(tab + 1);
    // A file in conflict is there in several stages.
    if (mode === COMMIT_MODE) hasGitlinks = true;
    if (mode === COMMIT_MODE || name === last || deleted.has(name)) continue;
    last = name;
    files.push({ path: name, id });
  }
  const config = `${path}/.gitmodules`;
  const submodules = isFile(config) ? await parseGitmodules(cx, repository, ["--file", binaryToUtf8(config)]) : [];
  return { headRev: head.code === 0 ? head.stdout.trim() : undefined, files, isDirty, hasGitlinks, submodules };
}

/** Whether what is checked out may differ from the objects though nobody changed it: line endings, keywords, filters. */
export async function isChangedOnCheckout(
  cx: FetchContext,
  repository: Repository,
  workdir: Workdir,
): Promise<boolean> {
  const autocrlf = await run(cx, "git", { args: gitArgs(repository, "config", "--get", "core.autocrlf") });
  if (["true", "input"].includes(autocrlf.stdout.trim())) return true;
  const attributes = workdir.files.filter(({ path }) => path === ".gitattributes" || path.endsWith("/.gitattributes"));
  const texts = await readBlobs(cx, repository, attributes.map(({ id }) => id));
  return texts.some((text) => /\b(?:text|eol|crlf|ident|filter|working-tree-encoding)\b/.test(text));
}

/** Writes the files of a working tree. */
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
  const files = exportIgnore ? await withoutIgnored(cx, repository, workdir.files) : workdir.files;
  for (const file of files) {
    cx.signal?.throwIfAborted();
    try {
      writeHostFile(`${path}/${file.path}`, { writer, to: file.path });
    } catch (e) {
      if (e instanceof FetchError) throw e;
      throw new FetchError("not-found", mark`reading file '${`${path}/${file.path}`}': ${reasonOf(e)}`, { cause: e });
    }
  }
}

async function withoutIgnored<E extends { readonly path: string }>(
  cx: FetchContext,
  repository: Repository,
  files: readonly E[],
): Promise<readonly E[]> {
  // Directories may be ignored too.
  const paths = new Set<string>();
  for (const { path } of files) {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) paths.add(path.slice(0, end));
  }
  const output = await runOk(cx, "git", {
    args: gitArgs(repository, "check-attr", "--cached", "-z", "--stdin", "export-ignore"),
    env: { GIT_ATTR_NOSYSTEM: "1" },
    input: binaryToBytes([...paths].map((path) => `${path}\0`).join("")),
  });
  return dropIgnored(files, output);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(binaryToUtf8(path)).isFile;
  } catch {
    return false;
  }
}
