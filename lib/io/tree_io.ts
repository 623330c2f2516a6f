// Fetched trees as files: what StoreIO reads below the store path of something that was fetched.

import { concatBytes } from "../format/bytes.ts";
import type { NarContents } from "../format/nar.ts";
import type { TreeFile } from "../fetch/tree_file.ts";
import { cannotReadDir, isDirectory } from "./errors.ts";
import { doesNotExist, type FileIdentity, type FileType } from "../runtime/io.ts";
import type { FileStat, SourceIO } from "./source_io.ts";

/** The part of a file system that is asked once symlinks have been followed. */
export type PlainFiles = Pick<
  SourceIO,
  "stat" | "checkAccess" | "readFile" | "identify" | "identifyListing" | "readContents" | "readDir" | "readLink"
>;

/** Returns the files of a tree; "" is its root, "/a" an entry of it. `shown` is what stands before paths in messages. */
export function treeFiles(tree: TreeFile, shown: string): PlainFiles {
  const stat = (path: string): FileStat | undefined => tree.find(path) === undefined ? undefined : tree.lstat(path);

  const contents = (path: string): NarContents => {
    const entry = tree.find(path);
    if (entry === undefined) throw doesNotExist(shown + path);
    if (entry.type !== "regular") throw isDirectory(0);
    return tree.readFile(path);
  };

  // The file of a tree is named by what is in it.
  const identify = (path: string, type: FileType): FileIdentity | undefined =>
    tree.find(path)?.type === type ? { id: `${tree.path} ${path}`, noteUse() {} } : undefined;

  return {
    stat,
    checkAccess() {},
    readContents: contents,
    readFile(path) {
      const whole = contents(path);
      if (whole instanceof Uint8Array) return whole;
      const chunks: Uint8Array[] = [];
      // Each is valid until the next is asked for.
      for (const chunk of whole.chunks) chunks.push(chunk.slice());
      return concatBytes(chunks);
    },
    identify: (path) => identify(path, "regular"),
    identifyListing: (path) => identify(path, "directory"),
    readDir(path) {
      const entry = tree.find(path);
      if (entry === undefined) throw doesNotExist(shown + path);
      if (entry.type !== "directory") throw cannotReadDir(shown + path, "Not a directory");
      return [...tree.readDirTypes(path)];
    },
    readLink(path) {
      if (tree.find(path) === undefined) throw doesNotExist(shown + path);
      return tree.readLink(path);
    },
  };
}
