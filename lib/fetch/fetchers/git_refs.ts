// What refs of a repository stand for.

import { binaryToUtf8 } from "../../format/bytes.ts";
import { mark } from "../errors.ts";
import type { FetchContext } from "./context.ts";
import { gitArgs, type Repository } from "./git_tree.ts";
import { programError, run } from "./program.ts";

/** A repository with the commit that was asked for. */
export interface Opened {
  readonly repository: Repository;
  readonly ref: string;
  readonly rev: string;
}

/** Returns the commit a branch or tag stands for. */
export async function resolveRef(cx: FetchContext, repository: Repository, ref: string): Promise<string> {
  const args = gitArgs(
    repository,
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${binaryToUtf8(ref)}^{commit}`,
  );
  const { code, stdout, stderr } = await run(cx, "git", { args });
  if (code === 0) return stdout.trim();
  const reason = `revspec '${ref}' not found`;
  throw programError(mark`resolving Git reference '${ref}': ${reason} (libgit2 error code = ${4})`, stderr);
}

/** Returns what HEAD points at, undefined if at a commit. */
export async function headRef(cx: FetchContext, repository: Repository): Promise<string | undefined> {
  const { code, stdout } = await run(cx, "git", { args: gitArgs(repository, "symbolic-ref", "-q", "HEAD") });
  return code === 0 ? stdout.trim() : undefined;
}

/** Returns the branch that is taken where nobody knows what HEAD points at, and says so. */
export function defaultRef(cx: FetchContext, place: string): string {
  cx.report.warn(mark`could not read HEAD ref from repo at '${place}', using '${"master"}'`);
  return "master";
}

/** Whether there is anything at a path. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(binaryToUtf8(path));
    return true;
  } catch {
    return false;
  }
}

/** Whether a path, a binary string, leads to a file. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(binaryToUtf8(path)).isFile;
  } catch {
    return false;
  }
}
