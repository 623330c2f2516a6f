/** `devix store path-info` and `devix store query`: what is registered of paths. */
import { encodeUtf8, type StorePath } from "../mod.ts";
import { printContentAddress, printHash } from "../lib/format/mod.ts";
import { notValid, type PathInfo } from "../lib/store/mod.ts";
import { OUTPUT, storeCommand, type StoreContext, wholeStorePaths } from "./store_command.ts";
import { UsageError } from "./usage_error.ts";

/** Exit code of a store that hasn't what it was asked for. */
const MISSING = 4;

/** The command `path-info`. */
export const PATH_INFO = storeCommand({
  name: "store path-info",
  usage: "[FLAGS] [PATH]...",
  details: `Prints the paths, or with --json an object of all there is to know of each, as 'nix path-info --json' does.

  devix store path-info --recursive --closure-size ./result
  devix store path-info --json /nix/store/…-hello.drv`,
}, () => {
  const how = { json: false, all: false, recursive: false, size: false, closureSize: false };
  const flag = (name: string, key: keyof typeof how, rest: { readonly short?: string; readonly help: string }) => ({
    name,
    group: OUTPUT,
    run: () => void (how[key] = true),
    ...rest,
  });
  return {
    flags: [
      flag("json", "json", { help: "Print a JSON object; null for a path that isn't valid." }),
      flag("all", "all", { help: "All valid paths." }),
      flag("recursive", "recursive", { short: "r", help: "With all they refer to, references first." }),
      flag("size", "size", { short: "s", help: "With the bytes of the NAR." }),
      flag("closure-size", "closureSize", { short: "S", help: "With the bytes of all they refer to, too." }),
    ],
    arguments: { min: 0, max: Infinity },
    check(args) {
      if (how.all === args.length > 0) throw new UsageError(how.all ? "'--all' takes no paths" : "paths are missing");
    },
    async run(context) {
      const { target } = context;
      const graph = new Graph(context);
      let paths: readonly StorePath[] = how.all ? await target.paths() : wholeStorePaths(context);
      if (how.recursive) paths = await graph.closure(paths);
      if (how.json) paths = [...new Set(paths)].sort();
      const json: string[] = [];
      for (const path of paths) {
        const info = await graph.info(path);
        if (info === undefined && !how.json) throw notValid(path);
        const closureSize = how.closureSize && info !== undefined ? await graph.size(path) : undefined;
        if (how.json) {
          json.push(`${quote(path)}:${info === undefined ? "null" : infoJson(info, context.storeDir, closureSize)}`);
          continue;
        }
        const sizes = [...how.size ? [info!.narSize ?? 0] : [], ...how.closureSize ? [closureSize!] : []];
        context.line([path.padEnd(sizes.length === 0 ? 0 : PATH_WIDTH), ...sizes].join("\t"));
      }
      if (how.json) context.line(`{${json.join(",")}}`);
      return 0;
    },
  };
});

const PATH_WIDTH = 100;

/** Keys sorted, as C++ Nix prints them (its JSON format 1). */
function infoJson(info: PathInfo, storeDir: string, closureSize: number | undefined): string {
  return JSON.stringify({
    ca: info.ca === undefined ? null : printContentAddress(info.ca),
    ...(closureSize === undefined ? {} : { closureSize }),
    deriver: info.deriver ?? null,
    narHash: info.narHash === undefined ? null : printHash(info.narHash, "sri"),
    narSize: info.narSize ?? 0,
    references: info.references,
    registrationTime: info.registrationTime ?? 0,
    signatures: info.signatures ?? [],
    storeDir,
    ultimate: info.ultimate ?? false,
    version: 1,
  });
}

function quote(path: string): string {
  return encodeUtf8(JSON.stringify(path));
}

/** What paths refer to; each is asked about once. */
class Graph {
  readonly #target: StoreContext["target"];
  readonly #infos = new Map<StorePath, Promise<PathInfo | undefined>>();

  constructor({ target }: StoreContext) {
    this.#target = target;
  }

  info(path: StorePath): Promise<PathInfo | undefined> {
    let info = this.#infos.get(path);
    if (info === undefined) this.#infos.set(path, info = this.#target.pathInfo(path));
    return info;
  }

  /** Returns valid paths with all they refer to, each after its references. @throws {StoreError} if one isn't valid */
  async closure(paths: readonly StorePath[]): Promise<StorePath[]> {
    const done = new Set<StorePath>();
    const begun = new Set<StorePath>();
    // Not recursive: chains of derivations are long.
    const stack = paths.toReversed();
    for (let path = stack.at(-1); path !== undefined; path = stack.at(-1)) {
      if (begun.has(path)) {
        stack.pop();
        done.add(path);
        continue;
      }
      begun.add(path);
      const info = await this.info(path);
      if (info === undefined) throw notValid(path);
      for (const reference of info.references) if (!begun.has(reference)) stack.push(reference);
    }
    return [...done];
  }

  async size(path: StorePath): Promise<number> {
    let sum = 0;
    for (const at of await this.closure([path])) sum += (await this.info(at))?.narSize ?? 0;
    return sum;
  }
}

/** What can be asked for. */
const QUERIES = {
  references: "What they refer to.",
  referrers: "What refers to them.",
  requisites: "With all they refer to, directly or not, references first.",
} as const;

/** The command `query`. */
export const QUERY = storeCommand({
  name: "store query",
  usage: "--references | --referrers | --requisites PATH...",
  details: `Prints store paths, one a line.

  devix store query --requisites ./result`,
}, () => {
  let query: keyof typeof QUERIES | undefined;
  return {
    flags: Object.entries(QUERIES).map(([name, help]) => ({
      name,
      help,
      group: OUTPUT,
      run() {
        if (query !== undefined && query !== name) throw new UsageError(`'--${name}' doesn't go with '--${query}'`);
        query = name as keyof typeof QUERIES;
      },
    })),
    check() {
      if (query === undefined) throw new UsageError("one of '--references', '--referrers', '--requisites' is missing");
    },
    async run(context) {
      const graph = new Graph(context);
      const paths = wholeStorePaths(context);
      if (query === "requisites") {
        for (const path of await graph.closure(paths)) context.line(path);
        return 0;
      }
      const found = new Set<StorePath>();
      for (const path of paths) {
        const info = await graph.info(path);
        if (info === undefined) throw notValid(path);
        const related = query === "references" ? info.references : await context.target.referrers(path);
        for (const other of related) found.add(other);
      }
      for (const path of [...found].sort()) context.line(path);
      return 0;
    },
  };
});

/** The command `valid`. */
export const VALID = storeCommand({
  name: "store valid",
  usage: "PATH...",
  details: "Prints those that are not valid; fails with 4 if there are any.",
}, () => ({
  flags: [],
  async run(context) {
    let code = 0;
    for (const path of wholeStorePaths(context)) {
      if (await context.target.isValid(path)) continue;
      context.line(path);
      code = MISSING;
    }
    return code;
  },
}));
