/** `devix store add`: files and trees of the host into the store. */
import { canonPath } from "../mod.ts";
import {
  checkStorePathName,
  type ContentAddress,
  Hasher,
  hashNar,
  makeFixedOutputPath,
  NarError,
} from "../lib/format/mod.ts";
import { HOST_TREE, hostStat, prepare, StoreError } from "../lib/store/mod.ts";
import { storeCommand } from "./store_command.ts";
import { UsageError } from "./usage_error.ts";

/** The command. */
export const ADD = storeCommand({
  name: "store add",
  usage: "[FLAGS] PATH...",
  details: `Prints their store paths, in order. Nothing keeps them from being collected as garbage.

  devix store add ./source --name source
  devix store add --mode flat ./archive.tar.gz`,
}, () => {
  let name: string | undefined;
  let method: "nar" | "flat" = "nar";
  const group = "Store path";
  return {
    flags: [
      {
        name: "name",
        short: "n",
        values: ["NAME"],
        help: "Its name; that of the file unless given.",
        group,
        run: (text) => void (name = text),
      },
      {
        name: "mode",
        values: ["MODE"],
        choices: ["nar", "flat"],
        help: "How it is hashed: nar, or flat for files by their bytes alone.",
        group,
        run(text) {
          if (text !== "nar" && text !== "flat") throw new UsageError(`'${text}' is no mode: expected nar or flat`);
          method = text;
        },
      },
    ],
    makesStore: true,
    check(args) {
      if (name !== undefined && args.length > 1) throw new UsageError("'--name' goes with one path only");
    },
    async run({ target, storeDir, args, line, process }) {
      for (const text of args) {
        const root = canonPath(text[0] === "/" ? text : `${process.cwd}/${text}`);
        const called = name ?? root.slice(root.lastIndexOf("/") + 1);
        checkStorePathName(called);
        const type = hostStat(root)?.type;
        if (type === undefined) throw new StoreError(`Cannot add "${text}": it does not exist`);
        if (method === "flat" && type !== "regular") {
          throw new StoreError(`Cannot add "${text}": only files can be hashed flat`);
        }
        const { ca, size } = hashed(root, method);
        const path = makeFixedOutputPath(ca, { name: called, storeDir });
        const contents = { kind: "host", ca, size, host: { root, leftOut: new Set<string>() } } as const;
        if (!(await target.validPaths([path])).has(path)) {
          await target.add([await prepare({ index: 0, path, references: [], contents })]);
        }
        line(path);
      }
      return 0;
    },
  };
});

function hashed(root: string, method: "nar" | "flat"): { readonly ca: ContentAddress; readonly size: number } {
  if (method === "nar") {
    try {
      const { hash, size } = hashNar(HOST_TREE, root);
      return { ca: { method, hash }, size };
    } catch (e) {
      if (e instanceof NarError) throw new StoreError(`Cannot add "${root}": ${e.message}`, { cause: e, path: root });
      throw e;
    }
  }
  const hasher = new Hasher("sha256");
  const contents = HOST_TREE.readFile(root);
  for (const chunk of contents instanceof Uint8Array ? [contents] : contents.chunks) hasher.update(chunk);
  return { ca: { method, hash: { algo: "sha256", digest: hasher.digest() } }, size: hasher.length };
}
