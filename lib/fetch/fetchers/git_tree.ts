// Trees out of git repositories, as the objects hold them: no line endings changed, no keywords filled in, no filters run.
//
// `git archive` does those things and applies export-ignore always, so trees are listed with ls-tree and files read through
// one `cat-file --batch`. Submodules are empty directories here; who wants them puts them there.

import { binaryToBytes, binaryToUtf8, bytesToBinary, concatBytes } from "../../format/bytes.ts";
import { FetchError, mark } from "../errors.ts";
import type { TreeWriter } from "../tree_writer.ts";
import type { FetchContext } from "./context.ts";
import { forGit, ignoresOthers } from "./git_attributes.ts";
import { programError, readMessages, run, runOk, spawn } from "./program.ts";

/** A repository and what git has to be told to find it. */
export interface Repository {
  /** JavaScript string. */
  readonly dir: string;
  /** `--git-dir`, for bare ones. */
  readonly gitDir?: string;
}

/** Something a tree of git's names. */
export interface GitEntry {
  /** From the top of the tree; a binary string. */
  readonly path: string;
  /** As git writes modes: 40000, 100644, 100755, 120000, 160000. */
  readonly mode: string;
  /** Of the blob, tree or commit. */
  readonly id: string;
}

const TREE_MODE = "040000";
const EXECUTABLE_MODE = "100755";
const LINK_MODE = "120000";
export const COMMIT_MODE = "160000";

/** Returns the arguments that point git at a repository. */
export function gitArgs(repository: Repository, ...args: string[]): string[] {
  const { dir, gitDir } = repository;
  return ["-C", dir, ...(gitDir === undefined ? [] : ["--git-dir", gitDir]), ...args];
}

/** Runs git in a repository and returns what it wrote. @throws {FetchError} if it fails */
export async function git(cx: FetchContext, repository: Repository, ...args: string[]): Promise<string> {
  return await runOk(cx, "git", { args: gitArgs(repository, ...args) });
}

/**
 * Returns all that is in the tree of a commit, directories before what is in them.
 * @throws {FetchError} if git fails, or for names that would lead out of the tree, which git itself never writes
 */
export async function listTree(cx: FetchContext, repository: Repository, rev: string): Promise<GitEntry[]> {
  const output = await git(cx, repository, "ls-tree", "-r", "-t", "-z", "--full-tree", rev);
  const entries: GitEntry[] = [];
  for (const line of output.split("\0")) {
    if (line === "") continue;
    const tab = line.indexOf("\t");
    const [mode, , id] = line.slice(0, tab).split(" ");
    const path = line.slice(tab + 1);
    if (/(?:^|\/)\.\.?(?:\/|$)/.test(path)) {
      throw new FetchError("archive", mark`a tree of commit '${rev}' has an entry named '${path}'`);
    }
    entries.push({ path, mode, id });
  }
  return entries;
}

/**
 * Returns the entries of a commit without those, and all below them, that have the attribute `export-ignore`; the very same
 * array if nothing in the commit mentions it.
 */
export async function withoutIgnored(
  cx: FetchContext,
  repository: Repository,
  entries: readonly GitEntry[],
): Promise<readonly GitEntry[]> {
  const attributes = await readAttributes(cx, repository, entries);
  if (![...attributes.values()].some((text) => text.includes("export-ignore"))) return entries;
  const ignored = await ignoredPaths(cx, repository, { paths: entries.map(({ path }) => path), attributes });
  return entries.filter(({ path }) => !ignored.has(path));
}

/** Returns the texts of files with attributes by their paths. */
export async function readAttributes(
  cx: FetchContext,
  repository: Repository,
  entries: readonly GitEntry[],
): Promise<ReadonlyMap<string, string>> {
  const files = entries.filter(({ path, mode }) => /(?:^|\/)\.gitattributes$/.test(path) && mode.startsWith("100"));
  const texts = await readBlobs(cx, repository, files.map(({ id }) => id));
  return new Map(files.map(({ path }, i) => [path, texts[i]]));
}

/**
 * Returns those of the paths that have the attribute `export-ignore`, and those below them. `attributes` are the texts of
 * files with attributes by their paths.
 *
 * Patterns that end in "/" are for directories, and what is one libgit2 looks up in the working tree (through symlinks),
 * even for commits that aren't checked out. In a repository without working tree nothing is.
 * @throws {FetchError} for what git can't be asked
 */
export async function ignoredPaths(
  cx: FetchContext,
  repository: Repository,
  options: { readonly paths: readonly string[]; readonly attributes: ReadonlyMap<string, string> },
): Promise<ReadonlySet<string>> {
  const { paths, attributes } = options;
  for (const [path, text] of attributes) {
    if (!ignoresOthers(text)) continue;
    throw new FetchError(
      "unsupported",
      mark`patterns with ${"!"} for ${"export-ignore"} in '${path}' are not supported`,
    );
  }
  const gitDir = (await git(cx, repository, "rev-parse", "--absolute-git-dir")).replace(/\n$/, "");
  const isDirectory = (path: string) =>
    hasWorkdir(repository) && isHostDirectory(`${repository.dir}/${binaryToUtf8(path)}`);
  // check-attr reads the attributes of a working tree: one with nothing else in it.
  const tree = cx.cache.scratchPath();
  writeAttributes(tree, attributes);
  const output = await runOk(cx, "git", {
    args: ["-C", tree, "check-attr", "-z", "--stdin", "export-ignore"],
    env: {
      GIT_ATTR_NOSYSTEM: "1",
      GIT_DIR: binaryToUtf8(gitDir),
      GIT_WORK_TREE: tree,
      GIT_INDEX_FILE: `${tree}/.git`,
    },
    input: binaryToBytes(paths.map((path) => isDirectory(path) ? `${path}/\0` : `${path}\0`).join("")),
  }).finally(() => Deno.removeSync(tree, { recursive: true }));
  const fields = output.split("\0");
  const set = new Set<string>();
  for (let i = 0; i + 2 < fields.length; i += 3) {
    if (fields[i + 2] === "set") set.add(fields[i].replace(/\/$/, ""));
  }
  return new Set(paths.filter((path) => prefixesOf(path).some((prefix) => set.has(prefix))));
}

function writeAttributes(tree: string, attributes: ReadonlyMap<string, string>): void {
  Deno.mkdirSync(tree);
  for (const [path, text] of attributes) {
    const file = `${tree}/${binaryToUtf8(path)}`;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(file, binaryToBytes(forGit(text)));
  }
}

/** Whether a repository is used where somebody checked it out; the others are our bare clones. */
export function hasWorkdir(repository: Repository): boolean {
  return repository.gitDir === undefined;
}

/** Returns a path and the directories above it, outermost first. */
export function prefixesOf(path: string): string[] {
  const prefixes: string[] = [];
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    prefixes.push(path.slice(0, slash));
  }
  prefixes.push(path);
  return prefixes;
}

function isHostDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Writes the entries of a tree below `prefix` ("" or "dir/"). Submodules become empty directories. */
export async function writeEntries(
  cx: FetchContext,
  repository: Repository,
  options: { readonly entries: readonly GitEntry[]; readonly writer: TreeWriter; readonly prefix: string },
): Promise<void> {
  const { entries, writer, prefix } = options;
  const files: GitEntry[] = [];
  for (const entry of entries) {
    if (entry.mode === TREE_MODE || entry.mode === COMMIT_MODE) writer.directory(prefix + entry.path);
    else files.push(entry);
  }
  let target: Uint8Array[] = [];
  await readObjects(cx, repository, {
    ids: files.map(({ id }) => id),
    begin(i) {
      const { path, mode } = files[i];
      if (mode === LINK_MODE) target = [];
      else writer.file(prefix + path, { executable: mode === EXECUTABLE_MODE });
    },
    contents(i, chunk) {
      if (files[i].mode === LINK_MODE) target.push(chunk.slice());
      else writer.contents(chunk);
    },
    end(i) {
      if (files[i].mode === LINK_MODE) writer.symlink(prefix + files[i].path, bytesToBinary(concatBytes(target)));
    },
  });
}

/** Returns the contents of blobs as binary strings. For small ones. */
async function readBlobs(cx: FetchContext, repository: Repository, ids: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  if (ids.length === 0) return texts;
  await readObjects(cx, repository, {
    ids,
    begin: () => void texts.push(""),
    contents: (i, chunk) => void (texts[i] += bytesToBinary(chunk)),
    end() {},
  });
  return texts;
}

/** Takes the contents of objects, one after the other. */
interface ObjectSink {
  readonly ids: readonly string[];
  begin(i: number): void;
  /** The chunk is valid until the call returns. */
  contents(i: number, chunk: Uint8Array): void;
  end(i: number): void;
}

const NEWLINE = 0x0a;

async function readObjects(cx: FetchContext, repository: Repository, sink: ObjectSink): Promise<void> {
  const { ids } = sink;
  if (ids.length === 0) return;
  const child = spawn(cx, "git", { args: gitArgs(repository, "cat-file", "--batch", "--buffer") });
  const messages = readMessages(child.stderr, undefined);
  const fed = feed(child, ids);
  const reader = new BatchReader(sink);
  try {
    for await (const chunk of child.stdout) reader.push(chunk);
  } finally {
    await fed;
  }
  const { code } = await child.status;
  const stderr = await messages;
  cx.signal?.throwIfAborted();
  if (code !== 0 || reader.done !== ids.length) {
    throw programError(mark`cannot read Git objects of '${repository.dir}'`, stderr);
  }
}

async function feed(child: Deno.ChildProcess, ids: readonly string[]): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    for (let at = 0; at < ids.length; at += 1000) {
      await writer.write(binaryToBytes(ids.slice(at, at + 1000).map((id) => `${id}\n`).join("")));
    }
    await writer.close();
  } catch {
    // It has ended; its status says why.
  }
}

/** Takes the output of `cat-file --batch` apart: "<id> <type> <size>\n<contents>\n" for each object. */
class BatchReader {
  /** How many objects are complete. */
  done = 0;
  readonly #sink: ObjectSink;
  #header = "";
  /** Bytes of contents to come; -1 while a header is read, 0 when the newline behind contents is next. */
  #left = -1;

  constructor(sink: ObjectSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const part = chunk.subarray(at, at + this.#left);
        this.#sink.contents(this.done, part);
        this.#left -= part.length;
        at += part.length;
      } else if (this.#left === 0) {
        this.#sink.end(this.done++);
        this.#left = -1;
        at++;
      } else {
        const newline = chunk.indexOf(NEWLINE, at);
        const end = newline < 0 ? chunk.length : newline;
        this.#header += bytesToBinary(chunk.subarray(at, end));
        at = end + 1;
        if (newline >= 0) this.#begin();
      }
    }
  }

  #begin(): void {
    const [id, type, size] = this.#header.split(" ");
    this.#header = "";
    if (type === "missing" || size === undefined) {
      throw new FetchError("program", mark`Git object '${id}' is missing`);
    }
    this.#left = Number(size);
    this.#sink.begin(this.done);
  }
}

/** Tells whether git has an object. */
export async function hasObject(cx: FetchContext, repository: Repository, id: string): Promise<boolean> {
  return (await run(cx, "git", { args: gitArgs(repository, "cat-file", "-e", id) })).code === 0;
}
