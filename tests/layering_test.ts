// Which folder may import which, and what only some may do. A line of a file's `import` says what it needs; a change that
// needs another line in this table is a change of the design.
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const root = fromFileUrl(new URL("..", import.meta.url));

/** Layers and what they may import besides themselves. A folder ends in "/". */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "cli.ts": ["cli/"],
  // The caches alone, and what the first of them loads: an answer from the one must not load the evaluator, the evaluator
  // must not load the other. And what commands that only look at a store do without an evaluator.
  "cli/": [
    "mod.ts",
    "serve/",
    "lib/fetch/cache.ts",
    "lib/format/bytes.ts",
    "lib/format/mod.ts",
    "lib/format/word_sum.ts",
    "lib/host_reason.ts",
    "lib/result_cache.ts",
    "lib/store/mod.ts",
  ],
  "mod.ts": ["language.ts", "lib/"],
  // What of mod.ts runs without a host.
  "language.ts": ["session.ts", "lib/"],
  // Stand-ins for modules of Node's.
  "browser/": [],
  "session.ts": ["builtins/", "lib/"],
  "builtins/": [
    "lib/known_paths.ts",
    "lib/fetch/",
    "lib/format/",
    "lib/runtime/",
    "lib/store/",
    "lib/syntax/",
    "lib/text/",
  ],
  "lib/io/": [
    "lib/host_reason.ts",
    "lib/known_paths.ts",
    "lib/fetch/",
    "lib/format/",
    "lib/runtime/",
    "lib/store/",
    "lib/syntax/",
  ],
  "lib/evaluator.ts": ["lib/compile/", "lib/runtime/", "lib/syntax/"],
  "lib/compile/": ["lib/runtime/", "lib/syntax/", "lib/text/"],
  "lib/runtime/": ["lib/syntax/", "lib/text/"],
  "lib/syntax/": [],
  "lib/text/": [],
  "lib/host_reason.ts": [],
  "lib/known_paths.ts": ["lib/fetch/", "lib/format/"],
  "lib/fetch/": ["lib/host_reason.ts", "lib/blocking/", "lib/format/", "lib/store/", "lib/text/"],
  "lib/store/": ["lib/host_reason.ts", "lib/blocking/", "lib/format/"],
  "lib/format/": [],
  "lib/blocking/": [],
  "lib/log/": ["lib/text/"],
  "lib/result_cache.ts": ["lib/blocking/while_locked.ts", "lib/format/"],
  "serve/": ["mod.ts"],
};

/** Where the host may be called (`Deno.…`, `node:…`). Everything else runs in a browser. */
const MAY_CALL_HOST = [
  "cli/",
  "cli.ts",
  "serve/",
  "lib/io/",
  "lib/store/",
  "lib/fetch/",
  "lib/blocking/",
  "lib/result_cache.ts",
  // Hashing with libcrypto or node:crypto, ed25519 with node:crypto, latin1 with node:buffer; browsers have stand-ins for these two.
  "lib/format/_libcrypto.ts",
  "lib/format/hash.ts",
  "lib/format/signature.ts",
  "lib/format/bytes.ts",
];

/** The only files that re-export, but for what a file takes from private ones beside it. */
const MAY_REEXPORT = [
  "mod.ts",
  "language.ts",
  "builtins/mod.ts",
  // How messages are highlighted, which lib/syntax knows already.
  "lib/runtime/errors.ts",
  "lib/format/mod.ts",
  "lib/store/mod.ts",
  "serve/client.ts",
];

interface Import {
  readonly path: string;
  readonly typesOnly: boolean;
  readonly reexport: boolean;
}

interface Source {
  readonly code: string;
  readonly imports: readonly Import[];
}

const sources = readSources();

function readSources(): Map<string, Source> {
  const found = new Map<string, Source>();
  const visit = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(root + folder)) {
      const path = folder + name;
      if (isDirectory) visit(`${path}/`);
      else if (/\.ts$/.test(name) && !/_(?:test|bench)\.ts$|^_test/.test(name)) found.set(path, readSource(path));
    }
  };
  for (const folder of ["browser/", "builtins/", "cli/", "lib/", "serve/"]) if (exists(folder)) visit(folder);
  for (const path of ["cli.ts", "language.ts", "mod.ts", "session.ts"]) {
    found.set(path, readSource(path));
  }
  return found;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(root + path);
    return true;
  } catch {
    return false;
  }
}

function readSource(path: string): Source {
  const code = Deno.readTextFileSync(root + path).replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  const imports: Import[] = [];
  const statement = /^(import|export)\s+(type\s+)?([^"';=]*?)\s*(from\s+)?"([^"\n]+)";?$/gm;
  for (const [, keyword, type, names, from, specifier] of code.matchAll(statement)) {
    if (keyword === "export" && from === undefined) continue;
    const braces = /^\{([^}]*)\}$/s.exec(names);
    const typesOnly = type !== undefined ||
      braces !== null && braces[1].split(",").every((name) => name.trim() === "" || /^\s*type\s/.test(name));
    const target = /^\.\.?\//.test(specifier) ? new URL(specifier, `file:///${path}`).pathname.slice(1) : specifier;
    imports.push({ path: target, typesOnly, reexport: keyword === "export" });
  }
  return { code, imports };
}

/** The entry of a table that a path belongs to: the longest. */
function entryOf(path: string, entries: readonly string[]): string | undefined {
  return entries.filter((entry) => entry.endsWith("/") ? path.startsWith(entry) : path === entry)
    .sort((a, b) => b.length - a.length)[0];
}

const layers = Object.keys(MAY_IMPORT);

Deno.test("every source belongs to a layer", () => {
  assertEquals([...sources.keys()].filter((path) => entryOf(path, layers) === undefined), []);
});

Deno.test("layers import only what they may", () => {
  const wrong: string[] = [];
  for (const [path, { imports }] of sources) {
    const layer = entryOf(path, layers);
    if (layer === undefined) continue;
    for (const { path: target } of imports) {
      if (!target.endsWith(".ts") || entryOf(target, layers) === layer) continue;
      if (entryOf(target, MAY_IMPORT[layer]) === undefined) wrong.push(`${path} imports ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("only some call the host", () => {
  const wrong: string[] = [];
  for (const [path, { code, imports }] of sources) {
    if (entryOf(path, MAY_CALL_HOST) !== undefined) continue;
    const node = imports.filter(({ path, typesOnly }) => path.startsWith("node:") && !typesOnly);
    if (/\bDeno\.|\bgetBuiltinModule\(/.test(code) || node.length > 0) wrong.push(path);
  }
  assertEquals(wrong, []);
});

Deno.test("private files stay in their folder", () => {
  const wrong: string[] = [];
  for (const [path, { imports }] of sources) {
    for (const { path: target } of imports) {
      const folder = target.slice(0, target.lastIndexOf("/") + 1);
      if (/\/_[^/]*$/.test(`/${target}`) && !path.startsWith(folder)) wrong.push(`${path} imports ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("only the fronts re-export, and mod.ts does nothing else", () => {
  const wrong = [...sources].filter(([path, { imports }]) =>
    !MAY_REEXPORT.includes(path) && imports.some(({ path, reexport }) => reexport && !/\/_/.test(path))
  ).map(([path]) => path);
  assertEquals(wrong, []);
  assertEquals(sources.get("mod.ts")!.code.replace(/export (?:\*|(?:type )?\{[^}]*\}) from "[^"]*";/g, "").trim(), "");
});

Deno.test("imports have no cycles", () => {
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === "open") cycles.push([...trail.slice(trail.indexOf(path)), path].join(" > "));
    if (state.has(path)) return;
    state.set(path, "open");
    for (const { path: target, typesOnly } of sources.get(path)?.imports ?? []) {
      if (!typesOnly && sources.has(target)) visit(target, [...trail, path]);
    }
    state.set(path, "done");
  };
  for (const path of sources.keys()) visit(path, []);
  assertEquals(cycles, []);
});

// Each costs every evaluation 3 to 13 ms, needed or not; `process.getBuiltinModule` loads one when it is.
Deno.test("no evaluation loads a module of Node or of npm before it needs it", () => {
  const allowed = ["@noble/hashes/blake3.js"];
  const wrong: string[] = [];
  const visited = new Set([
    "cli.ts",
    "cli/program.ts",
    "cli/main.ts",
    "cli/eval.ts",
    "cli/nix_instantiate.ts",
    "cli/instantiate.ts",
  ]);
  for (const path of visited) {
    for (const { path: target, typesOnly } of sources.get(path)?.imports ?? []) {
      if (typesOnly) continue;
      if (target.endsWith(".ts")) visited.add(target);
      else if (!allowed.includes(target)) wrong.push(`${path} imports ${target}`);
    }
  }
  assertEquals(wrong, []);
});
