// Submodules: which there are, where they come from, and putting their trees into the tree around them.

import type { NarContents } from "../../format/nar.ts";
import { mark } from "../errors.ts";
import { TreeFile } from "../tree_file.ts";
import type { TreeWriter } from "../tree_writer.ts";
import type { FetchContext } from "./context.ts";
import { COMMIT_MODE, gitArgs, type GitEntry, type Repository } from "./git_tree.ts";
import { programError, run, runOk } from "./program.ts";

/** A submodule, as `.gitmodules` and the tree have it. */
export interface Submodule {
  /** From the top of the tree. */
  readonly path: string;
  readonly url: string;
  /** "" if none is named, "." for that of the repository around it. */
  readonly branch: string;
  readonly rev: string;
}

/** What `.gitmodules` says. */
export type SubmoduleConfig = Omit<Submodule, "rev">;

/** Returns the submodules of a commit. */
export async function submodulesOf(
  cx: FetchContext,
  repository: Repository,
  tree: { readonly entries: readonly GitEntry[]; readonly rev: string },
): Promise<Submodule[]> {
  const config = tree.entries.find(({ path }) => path === ".gitmodules");
  if (config === undefined) return [];
  const commits = new Map(tree.entries.filter(({ mode }) => mode === COMMIT_MODE).map(({ path, id }) => [path, id]));
  const submodules: Submodule[] = [];
  for (const submodule of await parseGitmodules(cx, repository, ["--blob", config.id])) {
    const rev = commits.get(submodule.path);
    if (rev !== undefined) submodules.push({ ...submodule, rev });
  }
  return submodules;
}

/** Reads a `.gitmodules`; `source` is what `git config` is to read. Sorted by the sections' names. */
export async function parseGitmodules(
  cx: FetchContext,
  repository: Repository,
  source: readonly string[],
): Promise<SubmoduleConfig[]> {
  const { code, stdout, stderr } = await run(cx, "git", {
    args: gitArgs(repository, "config", ...source, "-z", "--get-regexp", "^submodule\\..*\\.(path|url|branch)$"),
  });
  // 1 means that nothing matches.
  if (code === 1) return [];
  if (code !== 0) throw programError("parsing .gitmodules file", stderr);
  const sections = new Map<string, Map<string, string>>();
  for (const entry of stdout.split("\0")) {
    const match = /^submodule\.(.*)\.(path|url|branch)\n([^]*)$/.exec(entry);
    if (match === null) continue;
    const section = sections.get(match[1]) ?? new Map<string, string>();
    // As in C++ Nix the first of several counts.
    if (!section.has(match[2])) section.set(match[2], match[3]);
    sections.set(match[1], section);
  }
  const submodules: SubmoduleConfig[] = [];
  for (const name of [...sections.keys()].sort()) {
    const section = sections.get(name)!;
    const path = section.get("path");
    if (path === undefined) continue;
    const clean = path.split("/").filter((part) => part !== "" && part !== ".").join("/");
    submodules.push({ path: clean, url: section.get("url") ?? "", branch: section.get("branch") ?? "" });
  }
  return submodules;
}

/** Returns a submodule's URL; a relative one starts from where the repository itself comes from. */
export async function resolveSubmoduleUrl(cx: FetchContext, repository: Repository, url: string): Promise<string> {
  if (!/^\.{1,2}\//.test(url) && url !== ".." && url !== ".") return url;
  const { code, stdout } = await run(cx, "git", { args: gitArgs(repository, "config", "--get", "remote.origin.url") });
  let base = (code === 0 ? stdout.trim() : await topLevel(cx, repository)).replace(/\/+$/, "");
  let rest = url;
  for (;;) {
    if (rest.startsWith("./")) {
      rest = rest.slice(2);
    } else if (rest.startsWith("../")) {
      rest = rest.slice(3);
      const cut = Math.max(base.lastIndexOf("/"), base.lastIndexOf(":"));
      if (cut < 0) throw programError(mark`resolving Git submodule URL '${url}'`, "");
      base = base.slice(0, cut);
    } else {
      return `${base}/${rest.replace(/\/+$/, "")}`;
    }
  }
}

async function topLevel(cx: FetchContext, repository: Repository): Promise<string> {
  return (await runOk(cx, "git", { args: gitArgs(repository, "rev-parse", "--show-toplevel") })).trim();
}

/** Puts trees into a tree. */
export function writeSubmodules(
  writer: TreeWriter,
  trees: readonly { readonly path: string; readonly treePath: string }[],
): void {
  for (const { path, treePath } of trees) {
    const tree = TreeFile.open(treePath);
    try {
      copyNode(tree, "", { writer, to: path });
    } finally {
      tree.close();
    }
  }
}

function copyNode(
  tree: TreeFile,
  from: string,
  { writer, to }: { readonly writer: TreeWriter; readonly to: string },
): void {
  const { type, executable = false } = tree.lstat(from);
  if (type === "directory") {
    writer.directory(to);
    for (const name of tree.readDir(from)) copyNode(tree, `${from}/${name}`, { writer, to: `${to}/${name}` });
  } else if (type === "symlink") {
    writer.symlink(to, tree.readLink(from));
  } else {
    writer.file(to, { executable });
    for (const chunk of chunksOf(tree.readFile(from))) writer.contents(chunk);
  }
}

function chunksOf(contents: NarContents): Iterable<Uint8Array> {
  return contents instanceof Uint8Array ? [contents] : contents.chunks;
}
