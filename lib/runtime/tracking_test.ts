import { assertEquals, assertThrows } from "@std/assert";
import { Session } from "../../session.ts";
import { EvalInputs, type FileInput } from "../io/inputs.ts";
import { MemoryIO } from "../io/memory.ts";
import { forceDeep } from "./force_deep.ts";
import { printAmbiguous } from "./print.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import { Thunk } from "./thunk.ts";
import { Tracker } from "./tracking.ts";

/** A session that evaluates `/root.nix` again after files have changed, and tells which files are evaluated again. */
class Rig {
  readonly files: MemoryIO;
  readonly session: Session;
  evaluated: string[] = [];
  readonly #tracker = new Tracker();

  constructor(files: Record<string, string>) {
    this.files = new MemoryIO({ files });
    const onFile = ({ op, path }: FileInput) => void (op === "evaluate" && this.evaluated.push(path));
    const inputs = new EvalInputs({ onFile });
    const log = { trace: () => {}, warn: () => {}, message: () => {} };
    this.session = new Session({ settings: DEFAULT_SETTINGS, log, currentDir: "/", files: this.files, inputs });
    this.change = (path, text) => {
      this.files.write(path, text);
      const stale = [...this.#tracker.things()].filter((input) => (input as FileInput).path === path) as FileInput[];
      this.reset = this.#tracker.reset(stale);
      inputs.forget(stale);
      this.session.forget();
      this.evaluated = [];
    };
  }

  readonly change: (path: string, text: string) => void;
  /** How many thunks the last change put back. */
  reset = 0;

  /** How many thunks can be put back. */
  get size(): number {
    return this.#tracker.size;
  }

  /** Evaluates a text whose value stays. */
  keep(text: string): string {
    const { session } = this;
    return this.#tracker.run(() =>
      printAmbiguous(session.keep(text, () => session.evaluate(session.parse(text, { kind: "string" }))))
    );
  }

  evaluate(text = "import /root.nix"): string {
    const { session } = this;
    return this.#tracker.run(() =>
      printAmbiguous(forceDeep(session.evaluate(session.parse(text, { kind: "string" }))))
    );
  }
}

Deno.test("a file that read nothing changed is not evaluated again", () => {
  const rig = new Rig({ "/root.nix": "[ (import ./a.nix) (import ./b.nix) ]", "/a.nix": "1", "/b.nix": "2" });
  assertEquals(rig.evaluate(), "[ 1 2 ]");
  rig.change("/b.nix", "3");
  assertEquals(rig.evaluate(), "[ 1 3 ]");
  assertEquals([rig.evaluated, rig.reset], [["/b.nix"], 2]);
});

Deno.test("what a file's value reads late is made again, and nothing else of it", () => {
  const rig = new Rig({
    "/root.nix": "builtins.elemAt (import ./list.nix) 0",
    "/list.nix": "(import ./lib.nix).importAll [ ./a.nix ]",
    "/lib.nix": "{ importAll = map (p: import p); }",
    "/a.nix": "1",
  });
  assertEquals(rig.evaluate(), "1");
  rig.change("/a.nix", "2");
  assertEquals(rig.evaluate(), "2");
  assertEquals(rig.evaluated, ["/a.nix"]);
});

Deno.test("what a function makes belongs to its caller, so the function's file stays", () => {
  const rig = new Rig({
    "/root.nix": "(import ./f.nix).call ./a.nix",
    "/f.nix": "let big = 10; in { call = p: big + import p; }",
    "/a.nix": "1",
  });
  assertEquals(rig.evaluate(), "11");
  rig.change("/a.nix", "2");
  assertEquals(rig.evaluate(), "12");
  assertEquals(rig.evaluated, ["/a.nix"]);
});

Deno.test("what a file keeps for itself belongs to it even when first wanted in a call", () => {
  const rig = new Rig({
    "/root.nix": "(import ./f.nix) 1",
    "/f.nix": "let text = builtins.readFile ./t; in n: text",
    "/t": "old",
  });
  assertEquals(rig.evaluate(), '"old"');
  rig.change("/t", "new");
  assertEquals(rig.evaluate(), '"new"');
  assertEquals(rig.evaluated, []);
});

Deno.test("a failure is forgotten with what it failed on", () => {
  const rig = new Rig({ "/root.nix": "import ./a.nix", "/a.nix": "import ./none.nix" });
  assertThrows(() => rig.evaluate());
  rig.change("/none.nix", "5");
  assertEquals(rig.evaluate(), "5");
});

Deno.test("copies and existence are inputs too", () => {
  const rig = new Rig({
    "/root.nix": "[ (import ./copy.nix) (import ./copy2.nix) (builtins.pathExists ./x) ]",
    "/copy.nix": '"${./src}"',
    "/copy2.nix": '"${./src}"',
    "/src": "1",
  });
  const before = rig.evaluate();
  rig.change("/src", "2");
  const after = rig.evaluate();
  assertEquals(before === after, false);
  assertEquals(new Set(after.match(/"[^"]*"/g)).size, 1);
  assertEquals(rig.evaluated, []);
  rig.change("/x", "");
  assertEquals(rig.evaluate(), after.replace("false", "true"));
  assertEquals(rig.evaluated, []);
});

Deno.test("files that import each other are stale together", () => {
  const rig = new Rig({
    "/root.nix": "(import ./a.nix).v",
    "/a.nix": "{ v = (import ./b.nix).w; u = 1; }",
    "/b.nix": "{ w = (import ./a.nix).u; }",
  });
  assertEquals(rig.evaluate(), "1");
  rig.change("/b.nix", "{ w = (import ./a.nix).u + 1; }");
  assertEquals(rig.evaluate(), "2");
});

Deno.test("evaluation can be interrupted and goes on afterwards", () => {
  const rig = new Rig({ "/root.nix": "1" });
  const { session } = rig;
  const value = session.evaluate(
    session.parse("builtins.length (builtins.filter (x: x > 0) (builtins.genList (x: x) 100000))", { kind: "string" }),
  );
  assertEquals(value, 99999);
  const thunk = session.parse("let xs = builtins.genList (x: x) 100000; in builtins.foldl' (a: b: a + b) 0 xs", {
    kind: "string",
  });
  let polls = 0;
  const stop = () => {
    if (++polls === 3) throw new Error("interrupted");
  };
  const tracker = new Tracker();
  assertThrows(() => tracker.run(() => session.evaluate(thunk), { poll: stop }), Error, "interrupted");
  assertEquals(tracker.run(() => session.evaluate(thunk)), 4999950000);
});

const SET = "{ n }: { made = import ./made.nix; leaf = import ./leaf.nix; }";

Deno.test("what an expression selects from stays when the rest of it is evaluated again", () => {
  const rig = new Rig({
    "/set.nix": SET,
    "/made.nix": "builtins.readFile ./seen",
    "/seen": "1",
    "/leaf.nix": '"2"',
  });
  const text = "let f = import /set.nix; in (f { n = 1; }).made + (f { n = 2; }).leaf";
  const keep = () => rig.keep(text);
  assertEquals(keep(), '"12"');
  rig.change("/leaf.nix", '"3"');
  // The whole, the attribute, and the file; not the set, nor the other one.
  assertEquals([keep(), rig.reset], ['"13"', 3]);
  rig.change("/seen", "4");
  assertEquals(keep(), '"43"');
  const { size } = rig;
  for (let i = 0; i < 5; i++) {
    rig.change(i % 2 === 0 ? "/leaf.nix" : "/set.nix", i % 2 === 0 ? `"${i}"` : `# ${i}\n${SET}`);
    assertEquals(keep(), `"4${i - i % 2}"`);
  }
  // Nothing is left of what was given up.
  assertEquals(rig.size <= size, true, `${rig.size} instead of ${size}`);
});

Deno.test("thunks have no field for what they depend on where nobody wants to know", () => {
  assertEquals(Object.keys(new Thunk({ run: () => 1 }, null)), ["code", "payload"]);
});

Deno.test("what an expression selects from is found again when functions have been translated meanwhile", () => {
  const rig = new Rig({
    "/f.nix": "let g = n: { x = n; }; in n: if n < 0 then 0 else (g n).x",
    "/a.nix": "1",
  });
  const text = `let f = import /f.nix; h = n: { b = n * 100; };
    in f 1 + (h 2).b + builtins.foldl' (sum: i: sum + f i) 0 (builtins.genList (i: i) 20000) + import /a.nix`;
  assertEquals(rig.keep(text), "199990202");
  rig.change("/a.nix", "2");
  assertEquals(rig.keep(text), "199990203");
});
