// Local files and directories, copied as they are.

import { binaryToUtf8 } from "../../format/bytes.ts";
import { canonicalPath } from "../../format/store_path.ts";
import { maybeInt, needString, withAttrs } from "../attrs.ts";
import { inputError, mark, nothingAt } from "../errors.ts";
import { type Input, printInput } from "../input.ts";
import { type FetchContext, type ObtainedInput, writePassingTree } from "./context.ts";
import { refuseSymlinks, writeHostTree } from "./host_tree.ts";

/** Fetches an input of type `path`. @throws {FetchError} */
export async function fetchPath(cx: FetchContext, input: Input): Promise<ObtainedInput> {
  const path = needString(input.attrs, "path");
  if (path[0] !== "/") {
    throw inputError(mark`cannot fetch input '${printInput(input)}' because it uses a relative path`);
  }
  const canonical = canonicalPath(path);
  refuseSymlinks(canonicalPath(`${canonical}/..`));
  let latest = 0;
  const obtained = await writePassingTree(cx, (writer) => {
    latest = copy(canonical, writer);
    return Promise.resolve();
  });
  const lastModified = maybeInt(input.attrs, "lastModified") ?? latest;
  return { ...obtained, attrs: withAttrs(input.attrs, { lastModified }) };
}

function copy(path: string, writer: Parameters<typeof writeHostTree>[1]["writer"]): number {
  try {
    Deno.lstatSync(binaryToUtf8(path));
  } catch (e) {
    if (!(e instanceof Deno.errors.NotFound)) throw e;
    throw nothingAt(path, { cause: e });
  }
  return writeHostTree(path, { writer, to: "" });
}
