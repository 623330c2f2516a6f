// deno bench -A lib/format/nar_bench.ts

import { type FileTree, hashNar, narBytes, treeSource } from "./nar.ts";
import { readNar } from "./nar_reader.ts";

/** 1,000 files of 2 KB in 32 directories. */
function tree(): FileTree {
  const directories = new Map<string, Map<string, FileTree>>();
  for (let i = 0; i < 1000; i++) {
    const directory = `dir${i % 32}`;
    const entries = directories.get(directory) ?? new Map<string, FileTree>();
    directories.set(directory, entries);
    entries.set(`file${i}.nix`, { type: "regular", executable: false, contents: new Uint8Array(2000) });
  }
  return {
    type: "directory",
    entries: new Map(Array.from(directories, ([name, entries]) => [name, { type: "directory", entries }])),
  };
}

const source = treeSource(tree());
const nar = narBytes(source, "");

Deno.bench("hashNar of 1,000 files, 2 MB", () => void hashNar(source, ""));
Deno.bench("narBytes of 1,000 files, 2 MB", () => void narBytes(source, ""));
Deno.bench("readNar of 1,000 files, 2 MB", () => {
  for (const event of readNar(nar)) void event;
});
