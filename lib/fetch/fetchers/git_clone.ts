// Bare clones of remote repositories, in the cache: one for each URL, fetched into by one process at a time. Their refs are
// believed for `tarball-ttl` seconds from when their files were written, as C++ Nix does.

import { binaryToUtf8 } from "../../format/bytes.ts";
import { type InputAttrs, maybeBool, maybeString } from "../attrs.ts";
import { FetchError, mark, redactUrl } from "../errors.ts";
import { revOf, revText } from "../input_hash.ts";
import { removeScratch } from "../scratch.ts";
import type { FetchContext } from "./context.ts";
import { defaultRef, exists, headRef, type Opened, resolveRef } from "./git_refs.ts";
import { gitArgs, hasObject, type Repository } from "./git_tree.ts";
import { programError, run, type RunOptions, type RunResult } from "./program.ts";

/** So that git doesn't give advice on names of branches; the clone's own branch doesn't matter. */
const INITIAL_BRANCH = "__nix_dummy_branch";

/** What git, or git_tree.ts, says when objects that should be there aren't, or aren't what they were. */
const DAMAGE =
  /\bis corrupt\b|object file \S+ is empty|Git object \S+ is missing|\binflate: |unable to (?:unpack|read|read tree|stream) [0-9a-f]{40}|not a tree object|bad (?:tree|object) /;

/**
 * Reads from the clone of a remote repository, having brought it up to date as far as needed. A clone that turns out to be
 * damaged is made anew, once; git itself fetches only what is missing altogether.
 */
export async function readClone<T>(
  cx: FetchContext,
  source: { readonly attrs: InputAttrs; readonly url: string },
  read: (opened: Opened) => Promise<T>,
): Promise<T> {
  const { attrs, url } = source;
  const dir = cloneDir(cx, attrs, url);
  const damaged = identityOf(dir);
  try {
    return await read(await openClone(cx, attrs, url));
  } catch (e) {
    if (!(e instanceof FetchError) || damaged === undefined) throw e;
    if (!DAMAGE.test(e.message) && await isSound(cx, { dir, gitDir: "." })) throw e;
    const shown = redactUrl(url);
    if (cx.settings.offline) {
      const what = mark`the clone ${`"${dir}"`} of Git repository '${shown}' is damaged`;
      throw new FetchError("cache", `${what}\n\n${e.message}`, { cause: e });
    }
    cx.report.warn(mark`the clone ${`"${dir}"`} of Git repository '${shown}' is damaged; cloning anew`);
    await cx.cache.exclusively(dir, () => {
      // Unless somebody else has done so.
      if (identityOf(dir) === damaged) Deno.renameSync(dir, cx.cache.scratchPath());
      return Promise.resolve();
    });
    return await read(await openClone(cx, attrs, url));
  }
}

/**
 * Whether a clone is one, and what its refs name is there. Deeper damage shows when it is read ({@link DAMAGE}): to look for
 * it takes git minutes.
 */
async function isSound(cx: FetchContext, repository: Repository): Promise<boolean> {
  const isBare = await run(cx, "git", { args: gitArgs(repository, "rev-parse", "--is-bare-repository") });
  if (isBare.code !== 0 || isBare.stdout.trim() !== "true") return false;
  return (await run(cx, "git", { args: gitArgs(repository, "rev-list", "--all", "--max-count=1") })).code === 0;
}

/** Tells a folder from another of the same name; undefined if there is none. */
function identityOf(dir: string): number | null | undefined {
  try {
    return Deno.statSync(dir).ino;
  } catch {
    return undefined;
  }
}

function cloneDir(cx: FetchContext, attrs: InputAttrs, url: string): string {
  return cx.cache.repositoryPath("git", url, maybeBool(attrs, "shallow") ? "-shallow" : "");
}

/** Brings the clone of a remote repository up to date as far as needed. */
async function openClone(cx: FetchContext, attrs: InputAttrs, url: string): Promise<Opened> {
  const dir = cloneDir(cx, attrs, url);
  const repository: Repository = { dir, gitDir: "." };
  const shown = redactUrl(url);
  const originalRef = maybeString(attrs, "ref");
  const ref = originalRef ?? await remoteHead(cx, repository, url) ?? defaultRef(cx, shown);
  return await cx.cache.exclusively(dir, async () => {
    await createClone(cx, repository, url);
    const wanted = revOf(attrs);
    const rev = wanted === undefined ? undefined : revText(wanted);
    const refFile = `${dir}/${ref.startsWith("refs/") ? ref : `refs/heads/${ref}`}`;
    if (await mustFetch(cx, { attrs, repository, rev, refFile })) {
      await fetchInto(cx, repository, { attrs, url, ref, rev, refFile });
      if (originalRef === undefined) {
        await gitInClone(cx, repository, { args: gitArgs(repository, "symbolic-ref", "--", "HEAD", fullRef(ref)) });
      }
    }
    if (rev === undefined) return { repository, ref, rev: await resolveRef(cx, repository, ref) };
    if (!await hasObject(cx, repository, rev)) {
      const bold = (text: string) => `\x1b[1m${text}\x1b[0m`;
      throw new FetchError(
        "not-found",
        mark`Cannot find Git revision '${rev}' in ref '${ref}' of repository '${shown}'! ` +
          `Please make sure that the ${bold("rev")} exists on the ${bold("ref")} you've specified or add ` +
          `${bold("allRefs = true;")} to ${bold("fetchGit")}.`,
      );
    }
    return { repository, ref, rev };
  });
}

function fullRef(ref: string): string {
  const text = binaryToUtf8(ref);
  return text.startsWith("refs/") || text === "HEAD" ? text : `refs/heads/${text}`;
}

async function createClone(cx: FetchContext, repository: Repository, url: string): Promise<void> {
  const { dir } = repository;
  if (!exists(dir)) await initClone(cx, dir);
  // Relative URLs of submodules start from here.
  const setUp = () =>
    gitInClone(cx, repository, { args: gitArgs(repository, "config", "remote.origin.url", binaryToUtf8(url)) });
  let { code, stderr } = await setUp();
  if (code !== 0 && !await isSound(cx, repository)) {
    // Whatever it is: out of the way, it is only a cache.
    Deno.renameSync(dir, cx.cache.scratchPath());
    await initClone(cx, dir);
    ({ code, stderr } = await setUp());
  }
  if (code !== 0) throw programError(mark`cannot set up Git repository ${`"${dir}"`}`, stderr);
}

async function initClone(cx: FetchContext, dir: string): Promise<void> {
  const scratch = cx.cache.scratchPath();
  const { code, stderr } = await run(cx, "git", {
    args: ["-c", `init.defaultBranch=${INITIAL_BRANCH}`, "init", "--quiet", "--bare", scratch],
    // Whatever the user's own repositories are made with. Older gits know no `--object-format`, nor anything else.
    env: { GIT_DEFAULT_HASH: "sha1" },
  });
  if (code !== 0) throw programError(mark`creating Git repository ${`"${dir}"`}`, stderr);
  Deno.renameSync(scratch, dir);
}

const LEFT_LOCK = /'([^']+\.lock)': File exists|could not lock config file (\S+): File exists/;

/**
 * Runs git in a clone that nobody else uses now: a lock in it is one that was left behind by somebody who was killed, whose
 * git may still be ending.
 */
async function gitInClone(cx: FetchContext, repository: Repository, options: RunOptions): Promise<RunResult> {
  for (let attempt = 1;; attempt++) {
    const result = await run(cx, "git", options);
    const [, path, config] = LEFT_LOCK.exec(result.stderr) ?? [];
    const lock = path ?? (config === undefined ? undefined : `${config}.lock`);
    if (result.code === 0 || lock === undefined || attempt === 5) return result;
    await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    const at = binaryToUtf8(lock);
    try {
      Deno.removeSync(at.startsWith("/") ? at : `${repository.dir}/${at}`);
    } catch (e) {
      if (!(e instanceof Deno.errors.NotFound)) throw e;
    }
  }
}

async function mustFetch(
  cx: FetchContext,
  wanted: {
    readonly attrs: InputAttrs;
    readonly repository: Repository;
    readonly rev: string | undefined;
    readonly refFile: string;
  },
): Promise<boolean> {
  const { attrs, repository, rev, refFile } = wanted;
  if (rev !== undefined) return !await hasObject(cx, repository, rev);
  if (cx.settings.offline) return !exists(refFile);
  return (maybeBool(attrs, "allRefs") ?? false) || !isFresh(cx, refFile);
}

/** Whether a file was written less than `tarball-ttl` seconds ago. */
function isFresh(cx: FetchContext, file: string): boolean {
  try {
    const { mtime } = Deno.statSync(binaryToUtf8(file));
    return Math.floor(mtime!.getTime() / 1000) + cx.settings.tarballTtl > Math.floor(Date.now() / 1000);
  } catch {
    return false;
  }
}

async function fetchInto(
  cx: FetchContext,
  repository: Repository,
  wanted: {
    readonly attrs: InputAttrs;
    readonly url: string;
    readonly ref: string;
    readonly rev: string | undefined;
    readonly refFile: string;
  },
): Promise<void> {
  const { attrs, url, ref, rev, refFile } = wanted;
  const shown = redactUrl(url);
  if (cx.settings.offline) {
    throw new FetchError("offline", mark`Failed to fetch git repository '${shown}': ${"no network (--offline)"}`);
  }
  const full = fullRef(ref);
  const refspec = maybeBool(attrs, "allRefs") ? "refs/*:refs/*" : rev ?? `${full}:${full}`;
  removeUnfinished(repository.dir);
  const activity = cx.report.start({ kind: "tree", text: `fetching Git repository '${shown}'` });
  const depth = maybeBool(attrs, "shallow") ? ["--depth", "1"] : [];
  const { code, stderr } = await gitInClone(cx, repository, {
    args: gitArgs(repository, "fetch", "--progress", "--force", ...depth, "--", binaryToUtf8(url), refspec),
    activity,
  }).finally(() => activity.stop());
  if (code !== 0) {
    const error = programError(mark`Failed to fetch git repository '${shown}'`, stderr);
    if (!exists(refFile) || !await isSound(cx, repository)) throw error;
    cx.report.warn(error.message);
    cx.report.warn(
      mark`could not update local clone of Git repository '${shown}'; continuing with the most recent version`,
    );
  }
  if (rev === undefined) touch(refFile);
}

/**
 * Removes what gits that were killed had received so far, from a clone that nobody else uses now. Git does so by itself, but
 * not before two weeks and some thousand objects later.
 */
function removeUnfinished(dir: string): void {
  const objects = `${dir}/objects`;
  for (const folder of namesIn(objects)) {
    for (const name of namesIn(`${objects}/${folder}`)) {
      if (/^\.?tmp[_-]/.test(name)) removeScratch(`${objects}/${folder}/${name}`);
    }
  }
}

function namesIn(dir: string): readonly string[] {
  try {
    return [...Deno.readDirSync(dir)].map(({ name }) => name);
  } catch {
    // Git says what is wrong with its folders.
    return [];
  }
}

/** Returns the branch a remote repository's HEAD points at, as far as anybody knows. */
async function remoteHead(cx: FetchContext, repository: Repository, url: string): Promise<string | undefined> {
  const headFile = `${repository.dir}/HEAD`;
  const known = exists(headFile) ? await headRef(cx, repository) : undefined;
  const cached = known === `refs/heads/${INITIAL_BRANCH}` ? undefined : known;
  if (cached !== undefined && (cx.settings.offline || isFresh(cx, headFile))) return cached;
  const head = cx.settings.offline ? undefined : await readHead(cx, url);
  if (head !== undefined) return head;
  if (cached !== undefined) {
    cx.report.warn(
      mark`could not get HEAD ref for repository '${redactUrl(url)}'; using expired cached ref '${cached}'`,
    );
  }
  return cached;
}

async function readHead(cx: FetchContext, url: string): Promise<string | undefined> {
  const { code, stdout, stderr } = await run(cx, "git", {
    args: ["ls-remote", "--symref", "--", binaryToUtf8(url), "HEAD"],
  });
  if (code !== 0) {
    if (stderr !== "") cx.report.message(3, stderr);
    return undefined;
  }
  const first = stdout.split("\n", 1)[0];
  return /^ref: (\S+)\tHEAD$/.exec(first)?.[1] ?? /^([0-9a-f]{40,64})\tHEAD$/.exec(first)?.[1];
}

function touch(file: string): void {
  const now = new Date();
  try {
    Deno.utimeSync(binaryToUtf8(file), now, now);
  } catch {
    // Refs may be packed; then they count as old.
  }
}
