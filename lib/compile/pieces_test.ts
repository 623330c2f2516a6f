import { assertEquals, assertThrows } from "@std/assert";
import { Session } from "../../session.ts";
import { MemoryIO } from "../io/memory.ts";
import { noteOf, RecordingIO } from "../io/recording.ts";
import { forceDeep } from "../runtime/force_deep.ts";
import { printAmbiguous } from "../runtime/print.ts";
import { Tracker } from "../runtime/tracking.ts";

/** A session whose values stay when files change that are in pieces, beside new sessions that evaluate the same. */
class Rig {
  readonly files: MemoryIO;
  readonly #seen: RecordingIO;
  readonly session: Session;
  readonly #tracker = new Tracker();
  readonly #log: string[] = [];
  /** How many thunks the last edit put back. */
  reset = 0;

  constructor(files: Record<string, string>) {
    this.files = new MemoryIO({ files });
    this.#seen = new RecordingIO(this.files, { tracked: true });
    this.session = this.#open();
  }

  #open(): Session {
    const edits = {
      noteOf: (path: string) => noteOf("contents", path),
      disturb: (path: string) => this.#log.push(path),
    };
    return new Session({ currentDir: "/", files: this.#seen, edits });
  }

  #evaluate(session: Session, text: string): string {
    return printAmbiguous(forceDeep(session.evaluate(session.parse(text, { kind: "string" }))));
  }

  /** Evaluates a text with what stayed, and checks that it comes out as if nothing had. */
  evaluate(text = "import /root.nix"): string {
    const kept = this.#tracker.run(() => this.#evaluate(this.session, text));
    assertEquals(kept, this.#evaluate(new Session({ currentDir: "/", files: this.files }), text));
    assertEquals(this.#log, []);
    return kept;
  }

  fail(text = "import /root.nix"): void {
    assertThrows(() => this.#tracker.run(() => this.#evaluate(this.session, text)));
  }

  edit(path: string, text: string): this {
    this.files.write(path, text);
    const note = noteOf("contents", path);
    this.#seen.forget([note]);
    this.session.forget();
    this.reset = this.#tracker.reset([note, ...this.session.evaluator.revise(note)]);
    return this;
  }
}

/** Evaluates versions of one file one after another; returns how many thunks each edit put back. */
function resets(...versions: readonly string[]): number[] {
  const rig = new Rig({ "/root.nix": "import ./f.nix", "/f.nix": versions[0] });
  rig.evaluate();
  return versions.slice(1).map((text) => {
    rig.edit("/f.nix", text).evaluate();
    return rig.reset;
  });
}

Deno.test("comments and layout change nothing", () => {
  assertEquals(resets("{ a = 1; b = [ 2 ]; }", "{ a = 1;\n  # two\n  b = [ 2 ]; }"), [0]);
});

Deno.test("an attribute that says something else takes nothing else with it", () => {
  const big = "let f = n: if n == 0 then 0 else 1 + f (n - 1); in";
  assertEquals(resets(`${big} { a = f 5; b = f 6; }`, `${big} { a = f 5; b = f 7; }`), [1]);
});

Deno.test("constants are attributes like others", () => {
  assertEquals(resets('{ a = "x"; b = 2; }', '{ a = "y"; b = 2; }', '{ a = "y"; b = 3; }'), [1, 1]);
});

Deno.test("a set with other names is another set", () => {
  assertEquals(resets("{ a = { b = 1; }; c = 2; }", "{ a = { b = 1; d = 3; }; c = 2; }"), [1]);
  assertEquals(resets("{ a = 1; }", "{ a = 1; b = 2; }")[0] > 0, true);
});

Deno.test("what was called with a body that changed is called again", () => {
  const rig = new Rig({
    "/root.nix": "let f = import ./f.nix; g = import ./g.nix; in [ (f 1) (map f [ 2 3 ]) (g 4) ]",
    "/f.nix": "x: x + 1",
    "/g.nix": "x: x + 10",
  });
  rig.evaluate();
  assertEquals(rig.edit("/f.nix", "x: x + 2").evaluate(), "[ 3 [ 4 5 ] 14 ]");
  assertEquals(rig.edit("/f.nix", "x: # no change\n  x + 2").evaluate(), "[ 3 [ 4 5 ] 14 ]");
  assertEquals(rig.reset, 0);
});

Deno.test("functions of other arguments are other functions", () => {
  const rig = new Rig({ "/root.nix": "(import ./f.nix) { a = 1; b = 2; }", "/f.nix": "{ a, ... }: a" });
  rig.evaluate();
  assertEquals(rig.edit("/f.nix", "{ b, ... }: b").evaluate(), "2");
  assertEquals(rig.edit("/f.nix", "{ b, c ? 3, ... }: b + c").evaluate(), "5");
  assertEquals(rig.edit("/f.nix", "{ b, c ? 4, ... }: b + c").evaluate(), "6");
  assertEquals(rig.edit("/f.nix", "all: all.a").evaluate(), "1");
  assertEquals(rig.edit("/f.nix", "all: rest: all.a + rest").evaluate("import /root.nix 5"), "6");
});

Deno.test("what hasn't run yet runs what it says now", () => {
  const rig = new Rig({ "/root.nix": "(import ./f.nix).a", "/f.nix": "let x = 1; in { a = x; b = x + 1; c = _: x; }" });
  rig.evaluate();
  rig.edit("/f.nix", "let x = 1; in { a = x; b = x + 2; c = _: x + 5; }");
  assertEquals(rig.evaluate("(import /root.nix) + (import /f.nix).b + (import /f.nix).c null"), "10");
});

Deno.test("variables are found where they are after edits around them", () => {
  const rig = new Rig({
    "/root.nix": "import ./f.nix",
    "/f.nix": "let a = 1; b = 2; in { r = rec { x = a; y = x; }; }",
  });
  rig.evaluate();
  for (
    const text of [
      "let a = 1; b = 2; in { r = rec { x = b; y = x; }; }",
      "let a = 1; b = a; c = 7; in { r = rec { x = b; y = c; }; }",
      "let a = 1; b = a; c = 7; in with { z = 8; }; { r = rec { x = z; y = c; }; }",
      "let a = 1; b = a; z = 7; in with { z = 8; }; { r = rec { x = z; y = 1; }; }",
      "let a = 1; inherit (import ./g.nix) b; in { r = rec { x = b; inherit a; }; }",
      'let a = 1; in { ${"r"} = rec { x = a; inherit a; }; }',
      'let a = 1; in { ${"r"} = rec { x = a + 1; inherit a; }; }',
    ]
  ) {
    rig.files.write("/g.nix", "{ b = 9; }");
    rig.edit("/f.nix", text).evaluate();
  }
});

Deno.test("positions are those of the file as it is", () => {
  const rig = new Rig({
    "/root.nix":
      'let f = import ./f.nix; in [ (builtins.unsafeGetAttrPos "b" f) f.here (builtins.unsafeGetAttrPos "n" f.deep) ]',
    "/f.nix": "{ a = 1;\n  b = 2; here = __curPos; deep = { n = 1; }; }",
  });
  rig.evaluate();
  rig.edit("/f.nix", "# more\n{ a = 1;\n  b = 2; here = __curPos; deep = { n = 1; }; }").evaluate();
  rig.edit("/f.nix", "# more\n\n{ a = 2;\n  b = 2;  here = __curPos; deep = { m = 0; n = 1; }; }").evaluate();
  rig.edit("/f.nix", "{ a = 2;\n  b = 2;  here = __curPos; deep = { m = 0;\n n = 1; }; }").evaluate();
});

Deno.test("positions that are first asked for after edits are those of the file as it is", () => {
  const rig = new Rig({ "/root.nix": "import ./f.nix", "/f.nix": "{ a = 1; }" });
  rig.evaluate();
  rig.edit("/f.nix", "\n{ a = 1; }").evaluate();
  rig.edit("/f.nix", "\n\n  { a = 1; }").evaluate();
  rig.evaluate('builtins.unsafeGetAttrPos "a" (import /root.nix)');
});

Deno.test("a file that is no longer one fails, and is as good as new when it is again", () => {
  const rig = new Rig({ "/root.nix": "(import ./f.nix).a", "/f.nix": "{ a = 1; }" });
  rig.evaluate();
  rig.edit("/f.nix", "{ a = ").fail();
  rig.edit("/f.nix", "{ a = nowhere; }").fail();
  assertEquals(rig.edit("/f.nix", "{ a = 2; }").evaluate(), "2");
  assertEquals(rig.edit("/f.nix", "{ a = 3; }").evaluate(), "3");
});

Deno.test("a piece that failed runs again when it has changed", () => {
  const rig = new Rig({
    "/root.nix": "import ./f.nix",
    "/f.nix": '{ a = throw "x"; b = (builtins.tryEval (import ./f.nix).a).success; }',
  });
  assertEquals(rig.evaluate("(import /root.nix).b"), "false");
  rig.edit("/f.nix", "{ a = 1; b = (builtins.tryEval (import ./f.nix).a).success; }");
  assertEquals(rig.evaluate("(import /root.nix).b"), "true");
});

Deno.test("files that import each other are edited one at a time", () => {
  const rig = new Rig({
    "/root.nix": "(import ./a.nix).v",
    "/a.nix": "{ v = (import ./b.nix).w; u = 1; }",
    "/b.nix": "{ w = (import ./a.nix).u; }",
  });
  rig.evaluate();
  assertEquals(rig.edit("/b.nix", "{ w = (import ./a.nix).u + 1; }").evaluate(), "2");
  assertEquals(rig.edit("/a.nix", "{ v = (import ./b.nix).w; u = 5; }").evaluate(), "6");
  assertEquals(rig.edit("/a.nix", "{ v = [ (import ./b.nix).w ]; u = 5; }").evaluate(), "[ 6 ]");
});

Deno.test("functions are compared by where they are, in pieces too", () => {
  const rig = new Rig({
    "/root.nix": "let f = import ./f.nix; in [ (f == f) (f.g == f.g) ([ f.g ] == [ f.h ]) (f.l == f.l) ]",
    "/f.nix": "let id = x: x; in { g = id; h = id; l = [ id ]; }",
  });
  rig.evaluate();
  rig.edit("/f.nix", "let id = x: (x); in { g = id; h = id; l = [ id id ]; }").evaluate();
});
