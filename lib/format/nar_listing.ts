// NAR listings: the tree of a NAR with sizes and with where in it each file's contents begin, as JSON. Binary caches keep
// them as <hash>.ls, `{"root":…,"version":1}`, so that one file can be had without unpacking.
//
// The JSON text is written here rather than by JSON.stringify of an object: keys are sorted by bytes, and objects would move
// names that look like integers to the front. Names that aren't UTF-8 can't be in JSON and are refused.

import { readNar } from "./nar_reader.ts";
import { quoteJson } from "./json_text.ts";
import { NarError } from "./errors.ts";

/** A node of a listing. */
export type NarListing =
  | {
    readonly type: "regular";
    readonly executable: boolean;
    /** Bytes. */
    readonly size: number;
    /** Where in the NAR the contents begin, in bytes. */
    readonly narOffset: number;
  }
  | { readonly type: "symlink"; readonly target: string }
  | { readonly type: "directory"; readonly entries: ReadonlyMap<string, NarListing> };

/** Returns the listing of a NAR given whole or in chunks. @throws {NarError} if it isn't one. */
export function listNar(input: Uint8Array | Iterable<Uint8Array>): NarListing {
  const open: Map<string, NarListing>[] = [];
  let root: NarListing | undefined;
  let name = "";
  for (const event of readNar(input)) {
    let node: NarListing;
    switch (event.type) {
      case "entry":
        name = event.name;
        continue;
      case "end":
        open.pop();
        continue;
      case "contents":
        continue;
      case "directory":
        node = { type: "directory", entries: new Map() };
        break;
      case "regular":
        node = { type: "regular", executable: event.executable, size: event.size, narOffset: event.offset };
        break;
      case "symlink":
        node = { type: "symlink", target: event.target };
        break;
    }
    if (root === undefined) root = node;
    else open[open.length - 1].set(name, node);
    if (node.type === "directory") open.push(node.entries as Map<string, NarListing>);
  }
  if (root === undefined) throw new NarError("Cannot list NAR: it is empty");
  return root;
}

/** Returns the content of a .ls file, compact JSON as a binary string. @throws {NarError} if a name or target isn't UTF-8. */
export function printNarListing(listing: NarListing): string {
  return `{"root":${printNode(listing)},"version":1}`;
}

function printNode(node: NarListing): string {
  switch (node.type) {
    case "regular":
      return `{${
        node.executable ? '"executable":true,' : ""
      }"narOffset":${node.narOffset},"size":${node.size},"type":"regular"}`;
    case "symlink":
      return `{"target":${quote(node.target)},"type":"symlink"}`;
    case "directory": {
      const entries = Array.from(node.entries, ([name, child]) => `${quote(name)}:${printNode(child)}`);
      return `{"entries":{${entries.join(",")}},"type":"directory"}`;
    }
  }
}

function quote(text: string): string {
  return quoteJson(text) ?? fail(text);
}

function fail(text: string): never {
  throw new NarError(`Cannot print NAR listing: "${text}" is not UTF-8`);
}
