import { assertEquals } from "@std/assert";
import { Session } from "../../session.ts";
import { hashHex } from "../format/hash.ts";
import { hashListing } from "../format/listing.ts";
import { DEFAULT_SETTINGS } from "../runtime/settings.ts";
import { forceDeep } from "../runtime/force_deep.ts";
import type { EvalLog } from "../runtime/log.ts";
import { type EnvInput, EvalInputs, type FileInput, inputLogLine } from "./inputs.ts";
import { type MemoryFile, MemoryIO } from "./memory.ts";
import { RecordingIO } from "./recording.ts";

interface Seen {
  readonly files: FileInput[];
  readonly env: EnvInput[];
  readonly lines: string[];
  readonly clock: boolean;
  readonly io: RecordingIO;
}

function evaluate(text: string, files: Record<string, MemoryFile> = {}, searchPath: string[] = []): Seen {
  const lines: string[] = [];
  const log: EvalLog = { trace: () => {}, warn: () => {}, message: (level, line) => lines.push(`${level} ${line}`) };
  const io = new RecordingIO(new MemoryIO({ files, env: { A: "1" } }));
  const add = (input: FileInput | EnvInput) => {
    const line = inputLogLine(input);
    if (line !== undefined) log.message(4, line);
  };
  const inputs = new EvalInputs({ onFile: add, onEnv: add, hash: (bytes) => io.hash(bytes) });
  // What is logged before anything is evaluated is not about inputs.
  const session = new Session({ settings: DEFAULT_SETTINGS, log, currentDir: "/p", files: io, inputs, searchPath });
  lines.length = 0;
  forceDeep(session.evaluate(session.parse(text, { kind: "string" })));
  return { files: [...inputs.files()], env: [...inputs.env()], lines, clock: inputs.usesClock, io };
}

const sha = (text: string) => hashHex("sha256", text);

Deno.test("EvalInputs has each file once per operation", () => {
  const { files, lines } = evaluate("[ (import ./a.nix) (import ./a.nix) (builtins.readFile ./a.nix) (import ./d) ]", {
    "/p/a.nix": "1",
    "/p/d/default.nix": "import ../a.nix",
  });
  assertEquals(files, [
    { op: "evaluate", path: "/p/a.nix", hash: sha("1") },
    { op: "readFile", path: "/p/a.nix", hash: sha("1") },
    { op: "evaluate", path: "/p/d/default.nix", hash: sha("import ../a.nix") },
  ]);
  assertEquals(lines, [
    "4 evaluating file '/p/a.nix'",
    "4 devenv readFile: '/p/a.nix'",
    "4 evaluating file '/p/d/default.nix'",
  ]);
});

Deno.test("EvalInputs has what was tested, listed and asked for", () => {
  const text =
    "with builtins; [ (pathExists ./a) (pathExists ./no) (readFileType ./d) (readDir ./d) (getEnv ''A'') (getEnv ''B'') ]";
  const { files, env, lines } = evaluate(text, { "/p/a": "", "/p/d/x": "" });
  assertEquals(files, [
    { op: "pathExists", path: "/p/a", type: "regular" },
    { op: "pathExists", path: "/p/no", type: "absent" },
    { op: "pathExists", path: "/p/d", type: "directory" },
    { op: "readDir", path: "/p/d", hash: hashListing([["x", "regular"]]) },
  ]);
  assertEquals(env, [{ name: "A", value: "1" }, { name: "B", value: "" }]);
  assertEquals(lines.slice(-3), ["4 devenv readDir: '/p/d'", "4 devenv getEnv: 'A'", "4 devenv getEnv: 'B'"]);
});

Deno.test("EvalInputs has copies with where they went, once per store path", () => {
  const text = '[ "${./a}" "${./a}" (builtins.path { path = ./a; name = "b"; }) ]';
  const { files, lines } = evaluate(text, { "/p/a": "x" });
  assertEquals(files.map(({ op, path, target }) => [op, path, target!.slice(44)]), [
    ["copy", "/p/a", "a"],
    ["copy", "/p/a", "b"],
  ]);
  assertEquals(lines, files.map(({ path, target }) => `4 copied source '${path}' -> '${target}'`));
});

Deno.test("EvalInputs has symlinks that led elsewhere", () => {
  const { files } = evaluate("[ (import ./l) (builtins.readFile ./d/f) ]", {
    "/p/l": { symlink: "real.nix" },
    "/p/real.nix": "1",
    "/p/d": { symlink: "e" },
    "/p/e/f": "f",
  });
  assertEquals(files, [
    { op: "resolve", path: "/p/l", target: "real.nix" },
    { op: "evaluate", path: "/p/real.nix", hash: sha("1") },
    { op: "resolve", path: "/p/d/f", target: "/p/e/f" },
    { op: "readFile", path: "/p/e/f", hash: sha("f") },
  ]);
});

Deno.test("EvalInputs has files that could not be read", () => {
  const inputs = new EvalInputs();
  const log = { trace: () => {}, warn: () => {}, message: () => {} };
  const files = new MemoryIO();
  const session = new Session({ settings: DEFAULT_SETTINGS, log, currentDir: "/p", files, inputs });
  try {
    session.evaluate(session.parse("builtins.readFile ./none", { kind: "string" }));
  } catch {
    // Of course.
  }
  assertEquals([...inputs.files()], [{ op: "readFile", path: "/p/none" }]);
});

Deno.test("EvalInputs knows whether the time was asked for", () => {
  assertEquals(evaluate("builtins.langVersion").clock, false);
  assertEquals(evaluate("builtins ? currentTime").clock, false);
  assertEquals(evaluate("builtins.currentTime").clock, true);
  assertEquals(evaluate("__currentTime + 1").clock, true);
});

Deno.test("EvalInputs leaves out the evaluator's own files", () => {
  assertEquals(evaluate("builtins.isFunction (import <nix/fetchurl.nix>)").files, []);
});

Deno.test("EvalInputs has the places where the search path was tried", () => {
  const { files } = evaluate("import <x>", { "/s/x/default.nix": "1" }, ["/none", "/s"]);
  assertEquals(files.filter(({ op }) => op === "pathExists").map(({ path, type }) => `${path} ${type}`), [
    "/none absent",
    "/s directory",
    "/s/x directory",
  ]);
});

Deno.test("EvalInputs has what a symlink in the search path is, where it led and what was there", () => {
  const files = { "/p/l": { symlink: "real" }, "/p/real/default.nix": "1", "/p/dangling": { symlink: "gone" } };
  const text = "[ (builtins.readFileType ./l) (import <l>) (builtins.tryEval <no>) ]";
  const seen = evaluate(text, files, ["no=/p/dangling", "l=/p/l"]).files;
  assertEquals(seen.filter(({ op }) => op !== "evaluate"), [
    { op: "pathExists", path: "/p/l", type: "symlink" },
    { op: "resolve", path: "/p/l", target: "/p/real" },
    { op: "pathExists", path: "/p/real", type: "directory" },
    { op: "resolve", path: "/p/dangling", target: "/p/gone" },
    { op: "pathExists", path: "/p/gone", type: "absent" },
  ]);
});

Deno.test("everything noted at the bottom belongs to an input on top", () => {
  const { files, io } = evaluate(
    '[ (import ./a.nix) "${./src}" (builtins.filterSource (p: t: baseNameOf p != "skip") ./src) (builtins.readDir ./l) ]',
    {
      "/p/a.nix": "builtins.readFile ./t",
      "/p/t": "t",
      "/p/src/one": "1",
      "/p/src/skip": "2",
      "/p/src/deep/two": "2",
      "/p/l": { symlink: "src" },
    },
  );
  const { contents, listings } = io.observations;
  const explained = (path: string, ops: readonly string[]) =>
    files.some((f) => ops.includes(f.op) && f.path === path || f.op === "copy" && `${path}/`.startsWith(`${f.path}/`));
  assertEquals([...contents.keys()].filter((path) => !explained(path, ["evaluate", "readFile"])), []);
  assertEquals([...listings.keys()].filter((path) => !explained(path, ["readDir"])), []);
});
