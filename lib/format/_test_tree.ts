// A tree with every kind of node, contents of every alignment, and names whose order tells bytes from letters.

import { binaryToBytes } from "./bytes.ts";
import type { FileTree } from "./nar.ts";

function file(contents: string, options: { executable?: boolean } = {}): FileTree {
  return { type: "regular", executable: options.executable ?? false, contents: binaryToBytes(contents) };
}

function dir(entries: Record<string, FileTree>): FileTree {
  return { type: "directory", entries: new Map(Object.entries(entries)) };
}

/** The tree; `latin1` adds a name that isn't UTF-8. Entries are not in order. */
export function testTree(options: { latin1: boolean }): FileTree {
  return dir({
    a: file("hi\n"),
    d: dir({
      x: file("#!/bin/sh\n", { executable: true }),
      l: { type: "symlink", target: "../a" },
      e: dir({ none: file(""), eight: file("12345678") }),
      ...(options.latin1 ? { "caf\xe9": file("\xff") } : {}),
      "\xc3\xa9": file("x"),
    }),
    "d.x": dir({}),
    "d-": file(""),
    "d ": file(""),
    empty: dir({}),
    Z: dir({ l: { type: "symlink", target: "nowhere" } }),
  });
}
