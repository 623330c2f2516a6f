import { assertEquals, assertThrows } from "@std/assert";
import { NixError, stripEscapes } from "../mod.ts";
import { type Flag, parseArgs, type ParseOptions } from "./flags.ts";
import { Settings } from "./settings.ts";
import { UsageError } from "./usage_error.ts";

function run(args: readonly string[], more: Partial<ParseOptions> = {}) {
  const seen: string[] = [];
  const settings = new Settings({ env: () => undefined, warn: () => {}, system: "s", confDir: "/c" });
  const flag = (name: string, short: string, ...values: string[]): Flag => ({
    name,
    short,
    values,
    help: "",
    group: "",
    run: (...given) => seen.push([name, ...given].join(" ")),
  });
  parseArgs(args, {
    flags: [flag("verbose", "v"), flag("arg", "a", "name", "expr"), flag("jobs", "j", "n")],
    settings,
    argument: (text) => seen.push(`(${text})`),
    ...more,
  });
  return { seen, settings };
}

function message(fn: () => unknown): string {
  return stripEscapes(assertThrows(fn, UsageError).message);
}

Deno.test("parseArgs() gives flags their values", () => {
  assertEquals(run(["x", "--arg", "a", "--jobs", "-v", "y"]).seen, ["(x)", "arg a --jobs", "verbose", "(y)"]);
});

Deno.test("parseArgs() takes short flags apart", () => {
  assertEquals(run(["-vvj3"]).seen, ["verbose", "verbose", "jobs 3"]);
  assertEquals(run(["-av", "x"]).seen, ["arg -v x"]);
});

Deno.test("parseArgs() takes what follows -- as it is", () => {
  assertEquals(run(["--", "-v", "--"]).seen, ["(-v)", "(--)"]);
});

Deno.test("parseArgs() knows --flag=value only where it is told", () => {
  assertEquals(run(["--jobs=3"], { own: true }).seen, ["jobs 3"]);
  assertEquals(message(() => run(["--jobs=3"])), "unrecognised flag '--jobs=3'");
});

Deno.test("parseArgs() makes flags of settings", () => {
  const { settings } = run([
    ...["--max-call-depth", "5", "--pure-eval", "--no-warn-dirty", "--relaxed-sandbox"],
    ...["--extra-experimental-features", "flakes", "--build-cores", "2"],
  ]);
  assertEquals(settings.get("max-call-depth"), 5);
  assertEquals(settings.get("pure-eval"), true);
  assertEquals(settings.get("warn-dirty"), false);
  assertEquals(settings.get("sandbox"), "relaxed");
  assertEquals(settings.get("cores"), 2);
  assertEquals(settings.hasFeature("flakes"), true);
});

Deno.test("parseArgs() wants the features that flags of settings need, given anywhere", () => {
  const flags = ["--no-use-registries", "--extra-experimental-features", "flakes"];
  assertEquals(run(flags).settings.get("use-registries"), false);
  const { message } = assertThrows(() => run(flags.slice(0, 1)), NixError);
  assertEquals(
    stripEscapes(message),
    "experimental Nix feature 'flakes' is disabled; add '--extra-experimental-features flakes' to enable it",
  );
});

Deno.test("parseArgs() words its errors as C++ Nix does", () => {
  assertEquals(message(() => run(["--foo"])), "unrecognised flag '--foo'");
  assertEquals(message(() => run(["-Z"])), "unrecognised flag '-Z'");
  assertEquals(message(() => run(["--arg", "x"])), "flag '--arg' requires 2 argument(s), but only 1 were given");
  assertEquals(message(() => run(["--no-cores"])), "unrecognised flag '--no-cores'");
  assertEquals(message(() => run(["--extra-cores", "1"])), "unrecognised flag '--extra-cores'");
  assertEquals(message(() => run(["-A"], { other: (_, next) => next() !== "" })), "'-A' requires an argument");
});
