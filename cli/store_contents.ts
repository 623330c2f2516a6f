/** `devix store ls`, `cat` and `dump`: what is in a store path. All of them read its NAR, wherever that comes from. */
import { bytesToBinary } from "../mod.ts";
import { type NarEvent, NarReader } from "../lib/format/mod.ts";
import { notValid, StoreError } from "../lib/store/mod.ts";
import { OUTPUT, storeCommand, type StoreContext, storePathArgument, wholeStorePaths } from "./store_command.ts";

/** The command `dump`. */
export const DUMP = storeCommand({
  name: "store dump",
  usage: "PATH",
  details: "Prints the NAR of a store path.\n\n  devix store dump /nix/store/…-source > source.nar",
}, () => ({
  flags: [],
  arguments: { min: 1, max: 1 },
  async run(context) {
    const [path] = wholeStorePaths(context);
    if (!await context.target.isValid(path)) throw notValid(path);
    await context.target.nar(path, (chunk) => context.process.out(bytesToBinary(chunk)));
    return 0;
  },
}));

/** The command `cat`. */
export const CAT = storeCommand({
  name: "store cat",
  usage: "PATH",
  details: "Prints a file in the store.\n\n  devix store cat /nix/store/…-source/README.md",
}, () => ({
  flags: [],
  arguments: { min: 1, max: 1 },
  async run(context) {
    const [text] = context.args;
    const wanted = storePathArgument(text, context);
    let found: string | undefined;
    await walk(context, wanted.storePath, (path, event) => {
      if (path !== wanted.rest) return;
      if (event.type === "contents") context.process.out(bytesToBinary(event.chunk));
      else found ??= event.type;
    });
    if (found === undefined) throw notThere(text);
    if (found !== "regular") throw new StoreError(`Cannot print "${text}": it is a ${found}`);
    return 0;
  },
}));

/** The command `ls`. */
export const LS = storeCommand({
  name: "store ls",
  usage: "[FLAGS] PATH",
  details: `Lists what is in a store path, or in a directory in one.

  devix store ls --long --recursive /nix/store/…-source/lib`,
}, () => {
  const how = { long: false, recursive: false, directory: false };
  const flag = (name: string, key: keyof typeof how, rest: { readonly short: string; readonly help: string }) => ({
    name,
    group: OUTPUT,
    run: () => void (how[key] = true),
    ...rest,
  });
  return {
    flags: [
      flag("long", "long", { short: "l", help: "With modes, sizes, and where symlinks lead." }),
      flag("recursive", "recursive", { short: "R", help: "Directories in it too." }),
      flag("directory", "directory", { short: "d", help: "The directory itself, not what is in it." }),
    ],
    arguments: { min: 1, max: 1 },
    async run(context) {
      const [text] = context.args;
      const { storePath, rest: root } = storePathArgument(text, context);
      let rootType: string | undefined;
      await walk(context, storePath, (path, event) => {
        if (event.type === "contents") return;
        if (path === root) {
          rootType = event.type;
          if (event.type === "directory" && !how.directory) return;
        } else if (how.directory || !path.startsWith(`${root}/`)) return;
        const below = path.slice(root.length);
        if (!how.recursive && below.lastIndexOf("/") > 0) return;
        // As C++ Nix shows them: relative to the directory, a file by its name, which a store path itself hasn't.
        const name = path !== root || event.type === "directory" ? `.${below}` : root.slice(root.lastIndexOf("/") + 1);
        context.line(how.long ? longLine(event, name) : name);
      });
      if (rootType === undefined) throw notThere(text);
      return 0;
    },
  };
});

const SIZE_WIDTH = 20;

type NodeEvent = Exclude<NarEvent, { readonly type: "contents" | "entry" | "end" }>;

function longLine(event: NodeEvent, name: string): string {
  const line = (mode: string, size: number, text: string) => `${mode} ${String(size).padStart(SIZE_WIDTH)} ${text}`;
  switch (event.type) {
    case "directory":
      return line("dr-xr-xr-x", 0, name);
    case "symlink":
      return line("lrwxrwxrwx", 0, `${name} -> ${event.target}`);
    case "regular":
      return line(event.executable ? "-r-xr-xr-x" : "-r--r--r--", event.size, name);
  }
}

function notThere(text: string): StoreError {
  return new StoreError(`Cannot find "${text}": there is no such file in the store path`);
}

/** Reads a path's NAR and tells of each node, and of contents, with where below the path it is ("" or "/…"). */
async function walk(
  { target }: StoreContext,
  storePath: Parameters<typeof target.nar>[0],
  visit: (path: string, event: NodeEvent | Extract<NarEvent, { readonly type: "contents" }>) => void,
): Promise<void> {
  if (!await target.isValid(storePath)) throw notValid(storePath);
  const reader = new NarReader();
  const folders: string[] = [];
  let path = "";
  await target.nar(storePath, (chunk) => {
    reader.push(chunk);
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      if (event.type === "entry") path = `${folders.at(-1)}/${event.name}`;
      else if (event.type === "end") folders.pop();
      else {
        visit(path, event);
        if (event.type === "directory") folders.push(path);
      }
    }
  });
}
