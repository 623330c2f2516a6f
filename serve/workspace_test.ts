// Random projects, random changes, random parts looked at in between: what a workspace answers is what a fresh one does.
import { assertEquals, assertNotEquals } from "@std/assert";
import { loadPosixCalls } from "../lib/io/_posix_calls.ts";
import {
  ContextBuilder,
  DEFAULT_SETTINGS,
  EMPTY_ATTRS,
  force,
  NixError,
  selectAttrPath,
  Session,
  type SessionOptions,
  toJson,
  type TreeCache,
} from "../mod.ts";
import { Workspace } from "./workspace.ts";

// Loaded here, or else the first test to read a file would be blamed for not unloading it.
loadPosixCalls();

const FILES = 6;
const TEXTS = 3;
const NAMES = ["a", "b", "c", "d"];

const ROOT = `
  let x = builtins.readFile ./t0; in
  if x == "text 0" then { f = import ./f0.nix; g = import ./f1.nix; } else { f = import ./f1.nix; g = import ./f0.nix; }
`;

class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed * 2654435761 >>> 0;
  }
  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor(this.#state / 2 ** 32 * n);
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }
}

/** Returns an expression for file `i`, which imports later files only; `names` are in scope. */
function expression(random: Random, i: number, depth: number, names: readonly string[]): string {
  // Names of this very place: none may be shadowed, or values would hold themselves.
  const [x, y, f, s] = ["x", "y", "f", "s"].map((name) => `${name}${depth}_${names.length}_${random.below(1e6)}`);
  const sub = (more: readonly string[] = []) => expression(random, i, depth - 1, [...names, ...more]);
  const text = () =>
    random.pick([
      `"text ${random.below(4)}"`,
      `"${random.below(3)}"`,
      "true",
      `(builtins.readFile ./t${random.below(TEXTS)})`,
    ]);
  const condition = () => `builtins.readFile ./t${random.below(TEXTS)} == "text ${random.below(4)}"`;
  const leaf = () =>
    random.pick([
      () => String(random.below(5)),
      () => `"s${random.below(3)}"`,
      () => names.length > 0 ? random.pick(names) : "null",
      () => `(builtins.readFile ./t${random.below(TEXTS)})`,
      () => `(builtins.getEnv "E${random.below(2)}")`,
      () => `(builtins.pathExists ./p${random.below(2)})`,
      () => `(builtins.attrNames (builtins.readDir ./d))`,
      () => i + 1 < FILES ? `(import ./f${i + 1 + random.below(FILES - i - 1)}.nix)` : "1",
    ])();
  if (depth === 0) return leaf();
  const set = (rec: boolean) => {
    const all = NAMES.slice(0, 1 + random.below(NAMES.length));
    if (!rec) return `{ ${all.map((name) => `${name} = ${sub()};`).join(" ")} }`;
    const own = all.map((name) => name + x);
    return `rec { ${own.map((name, k) => `${name} = ${sub(own.slice(0, k))};`).join(" ")} }`;
  };
  return random.pick([
    leaf,
    () => set(false),
    () => set(true),
    () => `(let ${x} = ${sub()}; ${y} = ${sub([x])}; in [ ${x} ${y} ${sub([x, y])} ])`,
    () => `((${x}: ${y}: { inherit ${x}; z = ${sub([x, y])}; }) ${sub()} ${sub()})`,
    () => `(builtins.map (${x}: [ ${x} ${sub([x])} ]) [ ${sub()} ${sub()} ])`,
    () => `(${set(false)} // ${set(false)})`,
    () => `(with ${set(false)}; [ a ])`,
    // Parts that read what the whole only holds.
    () =>
      `(let ${x} = ${sub()}; in { p = ${x} == ${text()}; q = ${x} == ${text()}; r = if ${x} == ${text()} then 1 else 2; })`,
    () =>
      `(let ${s} = { a = ${sub()}; }; in { p = ${s}.a == ${text()}; q = ${s}.a == ${text()}; r = [ (${s}.a or 1 == 2) ]; })`,
    () =>
      `(let ${s} = if ${condition()} then { a = 1; } else { a = 2; }; in with ${s}; { p = a == 1; q = [ (a == 2) ]; })`,
    () => `(let ${s} = { w = ${sub()}; }; in with ${s}; { p = w == ${text()}; q = [ (w == ${text()}) ]; })`,
    () =>
      `(let ${x} = if ${condition()} then throw "no" else 1; in { p = builtins.tryEval ${x}; q = [ (builtins.tryEval ${x}) ]; })`,
    () => `(builtins.tryEval (if ${sub()} == ${sub()} then ${sub()} else throw "no"))`,
    () => `(let ${f} = self: ${set(false)} // { again = builtins.attrNames self; }; ${s} = ${f} ${s}; in ${s})`,
    () => `(${set(false)}.${random.pick(NAMES)} or ${sub()})`,
    () => `(builtins.foldl' (${x}: ${y}: { inherit ${y}; n = [ ${x} ]; }) ${sub()} [ ${sub()} ${sub()} ])`,
    () => i + 1 < FILES ? `((import ./g${i + 1 + random.below(FILES - i - 1)}.nix) ${sub()})` : sub(),
  ])();
}

class Project {
  readonly dir = Deno.realPathSync(Deno.makeTempDirSync());
  readonly env = new Map([["E0", "0"], ["E1", "1"]]);
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    Deno.mkdirSync(`${this.dir}/d`);
    for (let i = 0; i < FILES; i++) for (const kind of ["f", "g"]) this.#write(kind, i);
    for (let i = 0; i < TEXTS; i++) this.#text(i);
  }

  #write(kind: string, i: number): string {
    const body = expression(this.#random, i, 3, kind === "g" ? ["arg"] : []);
    const text = kind === "g"
      ? `arg: { r = ${body}; }`
      : `{ a = ${body}; b = ${expression(this.#random, i, 2, [])}; c = ${expression(this.#random, i, 2, [])}; }`;
    return this.#put(`${kind}${i}.nix`, text);
  }

  #text(i: number): string {
    return this.#put(`t${i}`, `text ${this.#random.below(4)}`);
  }

  #put(name: string, text: string): string {
    Deno.writeTextFileSync(`${this.dir}/${name}`, text);
    return `${this.dir}/${name}`;
  }

  /** Changes something and tells the workspace; returns how much of what is kept that put back. */
  change(workspace: Workspace): number {
    const random = this.#random;
    const toggle = (path: string) => {
      try {
        Deno.removeSync(path);
      } catch {
        Deno.writeTextFileSync(path, "");
      }
      return path;
    };
    const paths: string[] = [];
    const env = new Map<string, string>();
    for (let n = 1 + random.below(2); n > 0; n--) {
      const change = random.pick([
        () => this.#write("f", random.below(FILES)),
        () => this.#write("g", 1 + random.below(FILES - 1)),
        () => this.#text(random.below(TEXTS)),
        () => this.#text(random.below(TEXTS)),
        () => toggle(`${this.dir}/p${random.below(2)}`),
        () => toggle(`${this.dir}/d/x${random.below(3)}`),
        () => void env.set(`E${random.below(2)}`, String(random.below(3))),
      ])();
      if (typeof change === "string") paths.push(change);
    }
    for (const [name, value] of env) this.env.set(name, value);
    if (random.below(5) > 0) return workspace.invalidate({ paths, env }).reset;
    return workspace.invalidate({ env }).reset + workspace.invalidate({ paths }).reset;
  }

  open(): Workspace {
    const log = { trace: () => {}, warn: () => {}, message: () => {} };
    const openSession = (options: Pick<SessionOptions, "files" | "inputs">) =>
      new Session({ settings: DEFAULT_SETTINGS, log, currentDir: this.dir, ...options });
    return new Workspace({
      openSession,
      evaluate: (session) => {
        const root = session.evaluate(
          session.parse(ROOT, { kind: "string" }),
        );
        return (attr) => selectAttrPath(root, attr, EMPTY_ATTRS);
      },
      env: new Map(this.env),
      inheritEnv: false,
      onInput: () => {},
    });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.dir, { recursive: true });
  }
}

function answer(workspace: Workspace, attr: string): string {
  try {
    return workspace.run(
      (select) => toJson(select(attr), new ContextBuilder(), { strict: true, copy: null }),
      () => {},
    );
  } catch (e) {
    if (e instanceof NixError) return `error: ${e.message}`;
    throw e;
  }
}

const ATTRS = ["f.a", "f.b", "f.c", "g.a", "g.b"];
const ROUNDS = Number(Deno.env.get("DEVIX_WORKSPACE_ROUNDS") ?? 15);
const SEED = Number(Deno.env.get("DEVIX_WORKSPACE_SEED") ?? 1);

Deno.test("Workspace answers as a fresh one after whatever changes", () => {
  let resets = 0;
  let values = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const random = new Random(SEED * 100_000 + round);
    using project = new Project(random);
    const workspace = project.open();
    for (let step = 0; step < 12; step++) {
      const attrs = ATTRS.filter(() => random.below(3) > 0);
      const fresh = project.open();
      const where = `round ${round}, step ${step}`;
      for (const attr of attrs) {
        const expected = answer(fresh, attr);
        if (!expected.startsWith("error")) values++;
        assertEquals([where, attr, answer(workspace, attr)], [where, attr, expected]);
      }
      if (project.change(workspace) > 0) resets++;
    }
  }
  // It was about something.
  assertEquals([values > ROUNDS * 20, resets > ROUNDS], [true, true], `${values} values, ${resets} resets`);
});

/** A folder with a workspace that looks at it. */
class Place {
  readonly dir = Deno.realPathSync(Deno.makeTempDirSync());

  write(name: string, text: string): string {
    const path = `${this.dir}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
    return path;
  }

  /** Opens an expression; returns what evaluates an attribute, and the workspace. */
  open(expr: string, searchPath: readonly string[] = []): { value: (attr: string) => unknown; workspace: Workspace } {
    const log = { trace: () => {}, warn: () => {}, message: () => {} };
    const workspace = new Workspace({
      openSession: (options) =>
        new Session({ settings: DEFAULT_SETTINGS, log, currentDir: this.dir, searchPath, ...options }),
      evaluate: (session) => {
        const root = session.evaluate(session.parse(expr, { kind: "string" }));
        return (attr) => selectAttrPath(root, attr, EMPTY_ATTRS);
      },
      env: new Map(),
      inheritEnv: false,
      onInput: () => {},
    });
    return { value: (attr) => JSON.parse(answer(workspace, attr)), workspace };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.dir, { recursive: true });
  }
}

const NOTHING = { dropped: [], kept: 0, reset: 0 };

for (const says of [true, false]) {
  Deno.test(`a copied source stays after a part of it has gone, ${says ? "and it was said which" : "found out"}`, () => {
    using place = new Place();
    place.write("src/keep", "1");
    place.write("src/deep/gone", "2");
    const gone = `${place.dir}/src/deep`;
    const { value, workspace } = place.open('{ src = "${./src}"; }');
    const before = value("src");
    Deno.removeSync(gone, { recursive: true });
    assertEquals(workspace.invalidate(says ? { paths: [gone] } : {}).reset > 0, true);
    const after = value("src");
    assertNotEquals(after, before);
    assertEquals(workspace.invalidate({}), NOTHING);
    // It is still watched.
    place.write("src/deep/gone", "2");
    assertEquals(workspace.invalidate({}).reset > 0, true);
    assertEquals(value("src"), before);
  });
}

Deno.test("a symlink in the search path is looked at with what it leads to", () => {
  using place = new Place();
  for (const name of ["one", "two"]) place.write(`${name}/x.nix`, `"${name}"`);
  const link = `${place.dir}/link`;
  const lead = (target: string) => {
    Deno.removeSync(link);
    Deno.symlinkSync(target, link);
  };
  Deno.symlinkSync("one", link);
  const { value, workspace } = place.open(
    "{ x = import <l/x.nix>; type = builtins.readFileType ./link; }",
    [`l=${link}`, `l=${place.dir}/two`],
  );
  assertEquals([value("x"), value("type")], ["one", "symlink"]);
  assertEquals(workspace.invalidate({}), { ...NOTHING, kept: 1 });
  assertEquals(workspace.invalidate({ paths: [link] }), { ...NOTHING, kept: 1 });

  lead("two");
  assertEquals(workspace.invalidate({ paths: [link] }).reset > 0, true);
  assertEquals(value("x"), "two");

  lead("three");
  assertEquals(workspace.invalidate({}).reset > 0, true);
  assertEquals([value("type"), value("x")], ["symlink", "two"]);
  place.write("three/x.nix", '"three"');
  assertEquals(workspace.invalidate({}).reset > 0, true);
  assertEquals(value("x"), "three");
});

Deno.test("a file that hasn't changed is compiled once, however often its value is forgotten", () => {
  const dir = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const edit = (text: string) => Deno.writeTextFileSync(`${dir}/leaf.nix`, text);
    edit("1");
    // So long that its tree would be kept in a cache, which is asked each time that it is parsed.
    const root = `# ${"x".repeat(5000)}\nlet n = import ./leaf.nix; in if n > 0 then { sum = n + 1; } else { }`;
    Deno.writeTextFileSync(`${dir}/root.nix`, root);
    let asked = 0;
    const trees: TreeCache = { key: () => String(asked++), get: () => undefined, put: () => {} };
    const workspace = new Workspace({
      // As a command does that evaluates once.
      openSession: (options) => new Session({ currentDir: dir, trees, keepsCode: false, ...options }),
      evaluate: (session) => {
        const root = session.evaluate(session.parse("import ./root.nix", { kind: "string" }));
        return (attr) => selectAttrPath(root, attr, EMPTY_ATTRS);
      },
      env: new Map(),
      inheritEnv: false,
      onInput: () => {},
    });
    const sum = () => workspace.run((select) => force(select("sum")), () => {});
    assertEquals(sum(), 2);
    edit("5");
    workspace.invalidate({ paths: [`${dir}/leaf.nix`] });
    assertEquals(sum(), 6);
    assertEquals(asked, 1);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});
