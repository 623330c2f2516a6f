/** `devix fetch`: fetches inputs of a lock file, or whatever a URL or attributes describe, before they are needed. */
import {
  attrsFromJson,
  decodeUtf8Lossy,
  encodeUtf8,
  type Fetch,
  fetchedStorePath,
  FetchError,
  type FetchResult,
  inputFromAttrs,
  type InputOptions,
  inputOptions,
  jsonErrorIn,
  type LockFile,
  type LockNode,
  parseFlakeRef,
  parseLockFile,
  printHash,
  relativePathOf,
  resolveEdge,
} from "../mod.ts";
import { fetchedMembers, type Member, members, quote } from "../serve/results.ts";
import { type CommandSpec, report } from "./command.ts";
import { hostReason } from "../lib/host_reason.ts";
import type { Setup } from "./setup.ts";
import { UsageError } from "./usage_error.ts";

/** The command. */
export const FETCH: CommandSpec = {
  name: "fetch",
  usage: "[FLAGS] URL|ATTRS...\n[FLAGS] --lock FILE [--input NAME]...",
  details: `Prints the NAR hash and the store path of what was fetched, which is kept for evaluations. A
URL is a flake reference (github:owner/repo/rev, git+https://..., https://....tar.gz), ATTRS
are JSON, as in a lock file. Lock files, those of flakes and of devenv, are never changed.

  devix fetch github:NixOS/nixpkgs/nixos-25.05
  devix fetch --json '{"type":"git","url":"https://example.org/x.git","ref":"main"}'
  devix fetch --lock devenv.lock --input nixpkgs`,
  prepare: (setup) => {
    const asked: Asked = { texts: [], lock: undefined, inputs: [], json: false };
    const group = "What to fetch";
    const flags = [
      {
        name: "lock",
        values: ["FILE"],
        help: "Fetch the inputs of a lock file, also those of inputs.",
        group,
        run: (file: string) => void (asked.lock = file),
      },
      {
        name: "input",
        values: ["NAME"],
        help: "Fetch only this input (NAME, or NAME/NAME for one of its inputs);\nmay be repeated.",
        group,
        run: (name: string) => void asked.inputs.push(name),
      },
      { name: "json", help: "Print a JSON document.", group: "Output", run: () => void (asked.json = true) },
    ];
    return {
      flags: [...flags, ...setup.fetchFlags()],
      argument: (text) => void asked.texts.push(text),
      run: () => fetchAll(setup, asked),
    };
  },
};

interface Asked {
  readonly texts: string[];
  lock: string | undefined;
  readonly inputs: string[];
  json: boolean;
}

/** Something to be fetched, and what it is called. */
interface Wanted {
  readonly name: string;
  readonly fetch: Fetch;
}

function fetchAll(setup: Setup, asked: Asked): number {
  const { fetcher, process, storeDir } = setup;
  const options: InputOptions = {
    ...inputOptions(fetcher.settings, (message) => setup.warn(message)),
    features: new Set([...fetcher.settings.features, "flakes", "fetch-tree"]),
  };
  const { wanted, skipped } = asked.lock === undefined
    ? { wanted: readTexts(asked, { ...options, baseDir: process.cwd }), skipped: [] }
    : readLock(setup, asked.lock, asked.inputs, options);
  for (const name of skipped) {
    setup.warn(`input '${name}' is a path relative to another one: there is nothing to fetch`);
  }
  // All at once; a failure of one is no reason to give up others.
  for (const { fetch } of wanted) fetcher.start(fetch);
  let code = 0;
  const documents: string[] = [];
  for (const { name, fetch } of wanted) {
    try {
      const fetched = fetcher.wait(fetch);
      const result: FetchResult = { fetch, fetched };
      const path = fetchedStorePath(fetch, fetched, { storeDir });
      const hash = printHash(fetched.narHash, "sri");
      if (asked.json) documents.push(members([["name", quote(name)], ...fetchedMembers(result, storeDir)]));
      else process.out(asked.lock === undefined ? `${hash}  ${path}\n` : `${name}  ${hash}  ${path}\n`);
    } catch (e) {
      const failed = report(e, setup);
      code = Math.max(code, failed.code);
      const error: Member = ["error", encodeUtf8(JSON.stringify(failed.json))];
      if (asked.json) documents.push(members([["name", quote(name)], error]));
    }
  }
  if (asked.json) process.out(members([["version", "1"], ["fetched", `[${documents.join(",")}]`]]) + "\n");
  return code;
}

function readTexts(asked: Asked, options: InputOptions & { readonly baseDir: string }): Wanted[] {
  if (asked.inputs.length > 0) throw new UsageError("'--input' needs '--lock'");
  if (asked.texts.length === 0) throw new UsageError("nothing to fetch: give a URL, attributes or '--lock FILE'");
  return asked.texts.map((text) => ({
    name: text,
    fetch: {
      kind: "input",
      input: text.trimStart().startsWith("{")
        ? inputFromAttrs(attrsFromJson(parseJson(text)), options)
        : parseFlakeRef(text, { ...options, isFlake: false }).input,
    },
  }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(decodeUtf8Lossy(text));
  } catch (e) {
    throw new UsageError(`cannot read attributes: ${jsonErrorIn(text) ?? encodeUtf8((e as Error).message)}`);
  }
}

function readLock(
  setup: Setup,
  file: string,
  names: readonly string[],
  options: InputOptions,
): { readonly wanted: Wanted[]; readonly skipped: string[] } {
  const lockFile = parseLockFile(readFile(setup, file), { ...options, path: file, allowUnlocked: true });
  const nodes = new Map<LockNode, string>();
  const add = (node: LockNode, name: string) => {
    if (nodes.has(node)) return;
    if (node.locked !== undefined) nodes.set(node, name);
    for (const [input, edge] of node.inputs) {
      add(resolveEdge(lockFile, edge), node.locked === undefined ? input : `${name}/${input}`);
    }
  };
  if (names.length === 0) add(lockFile.root, "");
  else for (const name of names) nodes.set(named(lockFile, name, file), name);
  const wanted: Wanted[] = [];
  const skipped: string[] = [];
  for (const [node, name] of nodes) {
    const input = inputFromAttrs(node.locked!, options);
    if (relativePathOf(input) !== undefined) skipped.push(name);
    else wanted.push({ name, fetch: { kind: "input", input } });
  }
  return { wanted, skipped };
}

/** Returns the node that a path of inputs leads to. */
function named(lockFile: LockFile, name: string, file: string): LockNode {
  let node = lockFile.root;
  for (const part of name.split("/")) {
    const edge = node.inputs.get(part);
    if (edge === undefined) {
      const known = [...node.inputs.keys()].sort().join(", ");
      throw new UsageError(`'${file}' has no input '${name}'` + (known === "" ? "" : `; there are ${known}`));
    }
    node = resolveEdge(lockFile, edge);
  }
  return node;
}

function readFile(setup: Setup, file: string): string {
  try {
    return decodeUtf8Lossy(setup.process.readFile(file));
  } catch (e) {
    const reason = e instanceof Deno.errors.NotFound ? "No such file or directory" : hostReason(e);
    throw new FetchError("not-found", `opening file '${file}': ${encodeUtf8(reason)}`);
  }
}
