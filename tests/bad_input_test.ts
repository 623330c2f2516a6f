/**
 * Input that nobody means to give: each is a clear error, in C++ Nix's words where it has any, and takes no more time and
 * memory than it is worth. Expectations are what C++ Nix 2.34.8 said, but for the pipe, for which it waits.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { V8_FLAGS } from "../cli/v8_flags.ts";
import { binaryFromBytes, binaryFromText } from "./lang/bytes.ts";
import { runInProcess } from "./lang/in_process_evaluator.ts";
import { isolatedEnvironment } from "./lang/process_evaluator.ts";

const root = fromFileUrl(new URL("..", import.meta.url));
const directory = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "bad-input-" }));
const state = Deno.makeTempDirSync({ prefix: "bad-input-state-" });
const env = isolatedEnvironment(state);

Deno.test.afterAll(() => {
  Deno.removeSync(directory, { recursive: true });
  Deno.removeSync(state, { recursive: true });
});

const write = (name: string, contents: string | Uint8Array) =>
  Deno.writeFileSync(
    `${directory}/${name}`,
    typeof contents === "string" ? new TextEncoder().encode(contents) : contents,
  );

Deno.mkdirSync(`${directory}/empty`);
Deno.mkdirSync(`${directory}/odd/default.nix`, { recursive: true });
Deno.symlinkSync("/nonexistent/x", `${directory}/dangling.nix`);
Deno.symlinkSync("b.nix", `${directory}/a.nix`);
Deno.symlinkSync("a.nix", `${directory}/b.nix`);
write("invalid.nix", new Uint8Array([0x22, 0xff, 0xfe, 0x22, 0x20, 0x2b, 0x20, 0xc3, 0x28]));
write("bytes.nix", new Uint8Array([0x22, 0xff, 0xfe, 0x22]));
write("nul.nix", "1 \0 2");
write("nul-in-string.nix", '"a\0b"');
write("text", "x");

/** Evaluates in this process; the directory is "." in what comes back. */
function evaluate(...args: string[]) {
  const { code, stdout, stderr } = runInProcess(["--eval", ...args], { cwd: directory, env });
  return { code, out: stdout, err: stderr.replaceAll(binaryFromText(directory), ".") };
}

/** The message, which is the last thing that starts with "error:". */
function message(...args: string[]): string {
  const { code, err } = evaluate(...args);
  assertEquals(code, 1, err);
  return err.slice(err.lastIndexOf("error: ") + 7).trimEnd();
}

const notThere = (path: string) => `path '${path}' does not exist`;
const loop = "too many symbolic links encountered while traversing the path './b.nix'";
const emptyInput = (path: string) => `syntax error, unexpected end of file\n       at ${path}:1:1:`;

/** What each way of reading a file says of a file. */
const FILES: readonly (readonly [file: string, asFile: string, asText: string])[] = [
  ["missing.nix", notThere("./missing.nix"), notThere("./missing.nix")],
  ["empty", notThere("./empty/default.nix"), "read of SIZE bytes: Is a directory"],
  ["odd", "read of SIZE bytes: Is a directory", "read of SIZE bytes: Is a directory"],
  ["dangling.nix", notThere("/nonexistent/x"), notThere("/nonexistent/x")],
  ["a.nix", loop, "infinite symlink recursion in path './a.nix'"],
];

for (const [file, asFile, asText] of FILES) {
  Deno.test(`bad input: ${file}`, { sanitizeResources: false }, () => {
    const said = (...args: string[]) => message(...args).replace(/of \d+ bytes/, "of SIZE bytes");
    assertEquals(said(file), asFile);
    assertEquals(said("-E", `import ./${file}`), asFile);
    assertEquals(
      said("-E", "import <x>", "-I", `x=./${file}`).replace(/^file 'x'.*/s, "not found"),
      ["missing.nix", "dangling.nix"].includes(file) ? "not found" : file === "a.nix" ? asText : asFile,
    );
    assertEquals(said("-E", `builtins.readFile ./${file}`), asText);
  });
}

Deno.test("bad input: devices", { ignore: Deno.build.os !== "linux", sanitizeResources: false }, () => {
  assertEquals(message("/dev/zero"), emptyInput("/dev/zero"));
  assertEquals(message("-E", "import /dev/zero"), emptyInput("/dev/zero"));
  assertEquals(evaluate("-E", "builtins.readFile /dev/zero").out, '""\n');
  assertEquals(evaluate("-E", "builtins.readFileType /dev/zero").out, '"unknown"\n');
  assertEquals(message("-E", "builtins.readDir /dev/zero"), 'cannot read directory "/dev/zero": Not a directory');
});

Deno.test("bad input: a pipe and a socket", { ignore: Deno.build.os !== "linux", sanitizeResources: false }, () => {
  new Deno.Command("mkfifo", { args: [`${directory}/pipe`] }).outputSync();
  assertEquals(message("pipe"), "cannot read './pipe': not a regular file");
  assertEquals(message("-E", "builtins.readFile ./pipe"), "cannot read './pipe': not a regular file");
  using _ = Deno.listen({ transport: "unix", path: `${directory}/socket` });
  assertEquals(message("-E", "import ./socket"), "opening file './socket': No such device or address");
});

Deno.test("bad input: bytes", { sanitizeResources: false }, () => {
  assertStringIncludes(message("invalid.nix"), "syntax error, unexpected invalid token\n       at ./invalid.nix:1:8:");
  assertEquals(evaluate("bytes.nix").out, '"\xff\xfe"\n');
  assertEquals(evaluate("nul.nix").out, "1\n");
  assertStringIncludes(
    message("nul-in-string.nix"),
    "cannot be represented as Nix string because it contains null bytes",
  );
  assertEquals(
    message("-E", "builtins.readFile ./nul.nix"),
    "the contents of the file './nul.nix' cannot be represented as a Nix string",
  );
});

Deno.test("bad input: regular expressions that explode elsewhere", { sanitizeResources: false }, () => {
  const a = (n: number) => `(builtins.concatStringsSep "" (builtins.genList (i: "a") ${n}))`;
  assertEquals(evaluate("-E", `builtins.match "(a*)*b" ${a(2000)}`).out, "null\n");
  assertEquals(evaluate("-E", `builtins.match "((a*)*)*c" ${a(300)}`).out, "null\n");
  assertEquals(evaluate("-E", `builtins.match "(.*)(.*)(.*)(.*)(.*)x" ${a(500)}`).out, "null\n");
  assertEquals(evaluate("-E", `builtins.length (builtins.split "(a|a)+b" ${a(1000)})`).out, "1\n");
  const huge = "((((((a{1,9}){1,99}){1,9}){1,9}){1,9}){1,9})";
  assertEquals(message("-E", `builtins.match "${huge}" "a"`), `memory limit exceeded by regular expression '${huge}'`);
  assertEquals(message("-E", 'builtins.match "a{99999999999}" "a"'), "invalid regular expression 'a{99999999999}'");
});

const NESTED: readonly (readonly [name: string, text: (n: number) => string, out: string])[] = [
  ["parentheses", (n) => "(".repeat(n) + "1" + ")".repeat(n), "1\n"],
  ["lists", (n) => "[".repeat(n) + "]".repeat(n), "[ <CODE> ]\n"],
  ["sets", (n) => "{a=".repeat(n) + "1" + ";}".repeat(n), "{ a = <CODE>; }\n"],
  ["negations", (n) => "!".repeat(n) + "true", "true\n"],
  ["updates", (n) => "{}" + "//{}".repeat(n), "{ }\n"],
  ["interpolations", (n) => '"${'.repeat(n) + '"a"' + '}"'.repeat(n), '"a"\n'],
  ["selections", (n) => "{ a = 1; }" + ".a or 2".repeat(1) + "+1".repeat(n), `${1 + 10000}\n`],
];

/** How a process is run that has its own. */
interface RunOptions {
  readonly stdin?: string;
  readonly before?: string;
  /** More flags for V8. */
  readonly flags?: readonly string[];
}

/** A process of its own: it has the stack that V8 was promised. */
function run(args: readonly string[], options: RunOptions = {}) {
  const flags = [...V8_FLAGS, ...options.flags ?? []].join(",");
  const command = [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${flags}`, `${root}cli.ts`];
  const script = `${options.before ?? ""} "$@" ${options.stdin === undefined ? "" : `< ${options.stdin}`}`;
  const { code, stdout, stderr } = new Deno.Command("bash", {
    args: ["-c", script, "bash", ...command, "nix-instantiate", "--eval", ...args],
    cwd: directory,
    env: { ...env, NO_COLOR: "1" },
  }).outputSync();
  return { code, out: binaryFromBytes(stdout), err: binaryFromBytes(stderr) };
}

Deno.test("bad input: 10,000 levels of everything", { ignore: Deno.build.os !== "linux" }, () => {
  const files = NESTED.map(([name, text]) => {
    write(`${name}.nix`, text(10_000));
    return `${name}.nix`;
  });
  assertEquals(run(files), { code: 0, out: NESTED.map(([, , out]) => out).join(""), err: "" });
});

Deno.test("bad input: a million parentheses", { ignore: Deno.build.os !== "linux" }, () => {
  write("million.nix", "(".repeat(1_000_000) + "1" + ")".repeat(1_000_000));
  write("open.nix", "(".repeat(1_000_000));
  assertEquals(run(["million.nix"]).out, "1\n");
  assertStringIncludes(run(["open.nix"]).err, "error: syntax error, unexpected end of file");
});

Deno.test("bad input: strings of many megabytes", { ignore: Deno.build.os !== "linux" }, () => {
  const long = "a".repeat(4_000_000);
  write("long.nix", `"${long}"`);
  write("unclosed.nix", `"${long}`);
  write("long.txt", long);
  assertEquals(run(["long.nix"]).out.length, 4_000_003);
  assertStringIncludes(run(["unclosed.nix"]).err.slice(0, 200), "syntax error, unexpected end of file, expecting '\"'");
  assertEquals(run(["-E", "builtins.stringLength (builtins.readFile ./long.txt)"]).out, "4000000\n");
});

Deno.test("bad input: flags that read files", { ignore: Deno.build.os !== "linux" }, () => {
  const said = (path: string) => run(["-E", "{ a }: a", "--arg-from-file", "a", path]).err.trimEnd();
  assertEquals(said("./missing"), 'error: opening file "./missing": No such file or directory');
  assertEquals(said("./empty"), "error: read of 65536 bytes: Is a directory");
  assertEquals(said("./a.nix"), 'error: opening file "./a.nix": Too many levels of symbolic links');
  assertStringIncludes(said("/dev/zero"), "error: out of memory: a string grew too large");
  assertEquals(run(["-E", "{ a }: a", "--arg-from-file", "a", "/dev/fd/0"], { stdin: "text" }).out, '"x"\n');
});

Deno.test("bad input: files that may not be read", { ignore: withoutPrivileges() === undefined }, () => {
  write("secret.nix", "1");
  write("secret-empty.nix", "");
  Deno.mkdirSync(`${directory}/closed`);
  for (const name of ["secret.nix", "secret-empty.nix", "closed"]) Deno.chmodSync(`${directory}/${name}`, 0);
  const said = (text: string) => {
    const { err } = run(["-E", text], { before: withoutPrivileges() });
    return err.slice(err.lastIndexOf("error: ") + 7).trimEnd().replaceAll(directory, ".");
  };
  assertEquals(said("import ./secret.nix"), "opening file './secret.nix': Permission denied");
  assertEquals(said("builtins.readFile ./secret-empty.nix"), "opening file './secret-empty.nix': Permission denied");
  assertEquals(said("import ./closed/x.nix"), 'getting status of "./closed/x.nix": Permission denied');
  assertEquals(said("builtins.readDir ./closed"), 'cannot read directory "./closed": Permission denied');
});

/** What to put before a command so that permissions hold for it, even if this is root; undefined if there is nothing. */
function withoutPrivileges(): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  if (Deno.uid() !== 0) return "";
  const dropping = "setpriv --bounding-set=-dac_override,-dac_read_search";
  try {
    return new Deno.Command("sh", { args: ["-c", `${dropping} true`] }).outputSync().success ? dropping : undefined;
  } catch {
    return undefined;
  }
}

Deno.test("bad input: more replacements than the heap has room for", { ignore: Deno.build.os !== "linux" }, () => {
  const double = "let double = s: n: if n == 0 then s else double (s + s) (n - 1); in";
  const expr = `${double} builtins.stringLength (builtins.replaceStrings [ "a" ] [ "bb" ] (double "aaaaa" 21))`;
  const flags = ["--initial-old-space-size=50", "--max-old-space-size=200"];
  assertEquals(run(["-E", expr], { flags }), { code: 0, out: "20971520\n", err: "" });
});
