// What a repository has to be for libgit2, which C++ Nix reads local ones with. git reads others too.

import { binaryToUtf8 } from "../../format/bytes.ts";
import { FetchError, mark } from "../errors.ts";
import type { FetchContext } from "./context.ts";
import { isFile } from "./git_refs.ts";
import { gitArgs, type Repository } from "./git_tree.ts";
import { run } from "./program.ts";

const NEWEST_VERSION = 1;

/** The extensions that libgit2 1.9 knows. */
const EXTENSIONS = new Set(["noop", "objectformat", "preciousobjects", "relativeworktrees", "worktreeconfig"]);

/** Looks whether libgit2 can read a local repository; `path` is a binary string. @throws {FetchError} with its message */
export async function checkFormat(cx: FetchContext, repository: Repository, path: string): Promise<void> {
  const reason = unreadable(await readFormat(cx, repository, path));
  if (reason === undefined) return;
  throw new FetchError("program", mark`opening Git repository ${`"${path}"`}: ${reason} (libgit2 error code = ${6})`);
}

/** Returns what the repository's own configuration says of its format, names in lower case. */
async function readFormat(
  cx: FetchContext,
  repository: Repository,
  path: string,
): Promise<ReadonlyMap<string, string>> {
  const config = `${path}/.git/config`;
  // git itself gives up on formats it doesn't know, but for files it is pointed at.
  const where = isFile(config) ? ["--file", binaryToUtf8(config)] : ["--local"];
  const wanted = "^(core\\.repositoryformatversion|extensions\\..*)$";
  const { stdout } = await run(cx, "git", {
    args: gitArgs(repository, "config", ...where, "-z", "--get-regexp", wanted),
  });
  const format = new Map<string, string>();
  for (const setting of stdout.split("\0")) {
    const [name, value = ""] = setting.split("\n");
    if (name !== "") format.set(name, value);
  }
  return format;
}

function unreadable(format: ReadonlyMap<string, string>): string | undefined {
  const version = Number(format.get("core.repositoryformatversion") ?? 0);
  if (version > NEWEST_VERSION) {
    return `unsupported repository version ${version}; only versions up to ${NEWEST_VERSION} are supported`;
  }
  if (version < NEWEST_VERSION) return undefined;
  for (const name of format.keys()) {
    if (!name.startsWith("extensions.") || EXTENSIONS.has(name.slice("extensions.".length))) continue;
    return `unsupported extension name ${name}`;
  }
  const objects = format.get("extensions.objectformat") ?? "sha1";
  return objects === "sha1" ? undefined : `unknown object format '${objects}'`;
}
