import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { findUsed } from "./coverage.ts";
import { compileAtOnce, exportCopies } from "./eager.ts";

/** Every function of it has run once it is there. */
const MODULE = `
import { basename } from "node:path";
const early = declared("a");
export { declared };
async function declared(x) { return await later(x); }
function later(x) { return [x, basename("/b/c")]; }
function* counting(n) { if (n > 0) { yield n; yield* counting(n - 1); } }
class Parent {
  static made = new Parent().plain(1);
  #field = 2;
  #secret(x) { return x + this.#field; }
  get #half() { return this.#field / 2; }
  set #both(x) { this.#field = x; }
  get #both() { return this.#field; }
  #asked() { return 1; }
  isOne(x) { return #asked in x && this.#asked() === 1; }
  plain(x) { return this.#secret(x) + this.#half; }
  with(x) { return with_(x); }
  plus(x) { return plus(x); }
  get size() { return this.#both; }
  set size(x) { this.#both = x; }
  get both() { return [this.size, this.#both]; }
  async later() { return await this.plain(3); }
  static of() { return new this(); }
  ["computed"]() { return "computed"; }
  inner() {
    const outer = this;
    return new (class { #deep(x) { return -x; } #field = 3; value = [this.#deep(4), outer.#secret(4), this.#field]; })().value;
  }
  toString() { return "Parent"; }
}
class Child extends Parent {
  #secret(x) { return 100 * x; }
  plain(x) { return [super.plain(x), this.#secret(x)]; }
  toString() { return \`Child of \${super.toString()}\`; }
}
var with_ = (x) => [x];
const plus = function (x) { return x + 1; };
const methods = { short(x) { return x; }, long: (x) => x, get got() { return "got"; } };
export default async () => {
  const parent = Parent.of();
  const child = new Child();
  parent.size = 6;
  const described = Object.getOwnPropertyDescriptor(Parent.prototype, "plain");
  const names = [parent.plain.name, later.name, plus.name, with_.name, child.toString.name];
  const keys = [];
  for (const key in child) keys.push(key);
  return JSON.stringify([
    await early, [...counting(3)], Parent.made, parent.isOne(child), parent.isOne({}), parent.plain(5), parent.with(1),
    parent.plus(1), parent.both, await parent.later(), parent.computed(), parent.inner(), String(parent), child.plain(7),
    String(child), methods.short(1), methods.long(2), methods.got, described, names, keys,
  ]);
};
`;

/** Where functions begin as V8 counts: all that V8 says are functions, whether they run or not. */
async function startsOf(text: string): Promise<Set<number>> {
  const directory = await Deno.makeTempDir({ prefix: "devix-eager-" });
  try {
    await Deno.writeTextFile(`${directory}/text.js`, text);
    await Deno.writeTextFile(`${directory}/main.js`, 'console.log(await (await import("./text.js")).default());');
    return new Set((await findUsed(`${directory}/main.js`, [[]])).get("text.js"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function valueOf(text: string): Promise<unknown> {
  const { default: value } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  return await value();
}

Deno.test("compileAtOnce() changes nothing that a module does", async () => {
  const starts = await startsOf(MODULE);
  const text = compileAtOnce(MODULE, { starts, module: 3 });
  const expected = await valueOf(MODULE);
  assertEquals(await valueOf(text), expected);
  assertEquals(await valueOf(exportCopies(text)), expected);
  // What can be is moved or in parentheses.
  for (
    const part of [
      "var later = (function(x)",
      "var declared = (async function(x)",
      "var counting = (function*(n)",
      '"plain", { value: (function plain(x)',
      // Its own name and a keyword are none for a function.
      '"plus", { value: (function(x)',
      '"with", { value: (function(x)',
      'Object.defineProperty(this, "of", { value: (function of()',
      '"__secret_3_0", { value: (function secret(x)',
      "with_ = ((x) => [x])",
      "plus = (function (x) {",
      "long: ((x) => x)",
      // What stays.
      "get size() {",
      "#asked() {",
      "toString() { return `Child",
      "short(x) {",
    ]
  ) assertStringIncludes(text, part);
});

Deno.test("compileAtOnce() knows what only seems to be the same", async () => {
  const modules = {
    "a method with the name of what it spreads": `
      const all = [1, 2];
      class A { all() { return Math.max(...all); } }
      export default () => new A().all();`,
    "a name that means something to a regular expression": `
      const $a = () => 1;
      class A { $a() { return $a(); } }
      export default () => new A().$a();`,
    "methods that replace each other": `
      class A { a() { return 1; } "a"() { return 2; } b() { return 3; } ["b"]() { return 4; } }
      export default () => [new A().a(), new A().b()];`,
    "a class that is made twice": `
      const wrap = (Parent, n) => class extends Parent { #own() { return n; } all() { return [super.all(), this.#own()]; } };
      class A { all() { return 0; } }
      export default () => new (wrap(wrap(A, 1), 2))().all();`,
    "classes that are made in a loop": `
      let Last = class { all() { return 0; } };
      for (const n of [1, 2]) Last = class extends Last { #own() { return n; } all() { return [super.all(), this.#own()]; } };
      export default () => new Last().all();`,
    "nothing before functions":
      "function a() { return b(); }function b() { return new A().c(); }class A {c() { return 1; }}" +
      "export default () => a();",
  };
  for (const [name, text] of Object.entries(modules)) {
    const compiled = compileAtOnce(text, { starts: await startsOf(text), module: 0 });
    assertNotEquals(compiled, text);
    assertEquals(await valueOf(compiled), await valueOf(text), name);
  }
});

Deno.test("compileAtOnce() leaves functions alone that don't run", () => {
  assertEquals(compileAtOnce(MODULE, { starts: new Set(), module: 0 }), MODULE);
});

Deno.test("V8 compiles with its file what compileAtOnce() was given", async () => {
  const text = `
    class A { constructor() { this.x = 1; } method() { return this.x; } #own() { return (() => this.x)(); } both() { return this.#own(); } }
    function declared(x) { return x.method() + x.both(); }
    export default () => declared(new A());
  `;
  const directory = await Deno.makeTempDir({ prefix: "devix-eager-" });
  /** Compiles it once more with Deno's code cache, and returns the functions that V8 compiled when they were called. */
  const compiledLater = async (text: string) => {
    await Deno.writeTextFile(`${directory}/text.js`, text);
    await Deno.writeTextFile(`${directory}/main.js`, 'console.log((await import("./text.js")).default());');
    const log = `${directory}/v8.log`;
    const flags = `--v8-flags=--log-function-events,--logfile=${log},--no-logfile-per-isolate`;
    for (let i = 0; i < 3; i++) {
      const { success } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", flags, `${directory}/main.js`],
        env: { DENO_DIR: `${directory}/deno` },
        stdout: "null",
      }).output();
      assertEquals(success, true);
    }
    const lines = (await Deno.readTextFile(log)).split("\n").map((line) => line.split(","));
    const id = lines.find(([kind, , path]) => kind === "script-details" && path.endsWith("/text.js"))![1];
    return lines.filter(([kind, event, script]) => kind === "function" && event === "interpreter" && script === id)
      .map((words) => words.at(-1));
  };
  try {
    assertNotEquals(await compiledLater(text), []);
    const starts = await startsOf(text);
    assertEquals(await compiledLater(compileAtOnce(text, { starts, module: 0 })), ["A"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("exportCopies() exports copies of what stays as it is", async () => {
  const text = `
    import { sep } from "node:path";
    var never = 1, counted = 0, set, spread = [];
    function count() { counted++; [set] = [2]; for (spread of [[3]]); return [never, counted, set, spread, sep]; }
    export default () => JSON.stringify(count());
    export { counted, count as counting, never, set, sep, spread };
  `;
  const copied = exportCopies(text);
  assertStringIncludes(
    copied,
    "export { counted, copied_count as counting, copied_never as never, set, sep, spread };",
  );
  const url = `data:text/javascript,${encodeURIComponent(copied)}`;
  const module = await import(url);
  assertEquals(module.default(), '[1,1,2,[3],"/"]');
  assertEquals([module.counted, module.set, module.spread, module.never, module.sep], [1, 2, [3], 1, "/"]);
});

Deno.test("exportCopies() exports what is declared below, under names that nothing else has", async () => {
  const text = "export { A, x, copied_x }; class A {} const x = 1, copied_x = 2;";
  const { A, x, copied_x } = await import(`data:text/javascript,${encodeURIComponent(exportCopies(text))}`);
  assertEquals([A.name, x, copied_x], ["A", 1, 2]);
});
