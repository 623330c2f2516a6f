import { assertEquals, assertThrows } from "@std/assert";
import { NixError, stripEscapes } from "../mod.ts";
import { Settings, splitNixPath } from "./settings.ts";
import { UsageError } from "./usage_error.ts";

function make(env: Record<string, string> = {}) {
  const warnings: string[] = [];
  const settings = new Settings({
    env: (name) => env[name],
    warn: (text) => warnings.push(stripEscapes(text)),
    system: "x86_64-linux",
    confDir: "/etc/nix",
  });
  return { settings, warnings };
}

const BAD: readonly [name: string, value: string, message: string][] = [
  ["pure-eval", "maybe", "Boolean setting 'pure-eval' has invalid value 'maybe'"],
  ["max-call-depth", "abc", "setting 'max-call-depth' has invalid value 'abc'"],
  ["max-call-depth", "-1", "setting 'max-call-depth' has invalid value '-1'"],
  ["max-call-depth", "4294967296", "setting 'max-call-depth' has invalid value '4294967296'"],
  ["max-free", "1P", "setting 'max-free' has invalid value '1P'"],
  ["max-jobs", "x", "configuration setting 'max-jobs' should be 'auto' or an integer"],
  ["sandbox", "maybe", "option 'sandbox' has invalid value 'maybe'"],
  [
    "lint-url-literals",
    "x",
    "option 'lint-url-literals' has invalid value 'x' (expected 'ignore', 'warn', or 'fatal')",
  ],
  ["netrc-file", "", "setting 'netrc-file' is a path and paths cannot be empty"],
  ...([
    [
      "[",
      "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing value - " +
      "unexpected end of input; expected '[', '{', or a literal",
    ],
    ["{}", "[json.exception.type_error.302] type must be array, but is object"],
    ["[1]", "error: Expected JSON value to be of type 'object' but it is of type 'number': 1"],
    [
      '[{"systems":["a"],"args":1}]',
      `error: Expected JSON object to contain key 'program' but it doesn't: {"args":1,"systems":["a"]}`,
    ],
    ['[{"systems":null}]', "[json.exception.type_error.302] type must be array, but is null"],
    ['[{"systems":[],"program":1}]', "[json.exception.type_error.302] type must be string, but is number"],
    ['[{"systems":[],"program":"","args":[{}]}]', "[json.exception.type_error.302] type must be string, but is object"],
  ] as const).map(([value, problem]): [string, string, string] => {
    return ["external-builders", value, `parsing setting 'external-builders': ${problem}`];
  }),
];

for (const [name, value, message] of BAD) {
  Deno.test(`settings.set() refuses "${value}" for ${name}`, () => {
    const { settings, warnings } = make();
    assertEquals(stripEscapes(assertThrows(() => settings.set(name, value), UsageError).message), message);
    settings.setOption(name, value);
    assertEquals(warnings, [message]);
  });
}

const PATHS = ["build-dir", "diff-hook", "json-log-path", "netrc-file", "sandbox-build-dir", "ssl-cert-file"];

Deno.test("settings.setOption() takes a relative path for an error, not for a bad value", () => {
  const { settings } = make();
  for (const name of PATHS) {
    const error = assertThrows(() => settings.setOption(name, "rel"), NixError);
    assertEquals(stripEscapes(error.message), `not an absolute path: "rel"`);
  }
  settings.set("eval-profile-file", "rel");
  assertEquals(settings.get("eval-profile-file"), "rel");
});

Deno.test("settings.set() reads every kind of value", () => {
  const { settings } = make();
  settings.set("pure-eval", "yes");
  settings.set("max-call-depth", "+64k");
  settings.set("allowed-uris", " a  b ");
  settings.set("access-tokens", "github.com=x=y nothing gitlab.com=z github.com=w");
  settings.set("netrc-file", "/a/../b");
  settings.set("ssl-cert-file", "");
  settings.set("max-jobs", "auto");
  assertEquals(settings.get("pure-eval"), true);
  assertEquals(settings.get("max-call-depth"), 65536);
  assertEquals(settings.get("allowed-uris"), ["a", "b"]);
  assertEquals([...settings.get("access-tokens")], [["github.com", "x=y"], ["gitlab.com", "z"]]);
  assertEquals(settings.get("netrc-file"), "/b");
  assertEquals(settings.get("ssl-cert-file"), null);
  assertEquals(settings.get("max-jobs"), 0);
});

Deno.test("settings.set() takes external builders", () => {
  const { settings } = make();
  for (
    const value of [
      "[]",
      '[{"systems":["a"],"program":"/p","args":["-x"],"more":1}]',
      '[{"systems":["\\u0000"],"program":"","args":[]}]',
    ]
  ) {
    settings.set("external-builders", value);
    assertEquals(settings.get("external-builders"), value);
  }
});

Deno.test("settings.set() takes aliases and extra-", () => {
  const { settings, warnings } = make();
  settings.set("build-cores", "3");
  settings.set("binary-caches", "/x");
  settings.set("extra-substituters", "/y");
  settings.set("extra-binary-caches", "/z");
  assertEquals(settings.get("cores"), 3);
  assertEquals(settings.get("substituters"), ["/x", "/y", "/z"]);
  settings.set("extra-pure-eval", "true");
  settings.set("foo", "1");
  settings.warnUnknown();
  assertEquals(warnings, ["unknown setting 'extra-pure-eval'", "unknown setting 'foo'"]);
});

Deno.test("settings.set() knows experimental features", () => {
  const { settings, warnings } = make();
  settings.set("experimental-features", "flakes foo no-url-literals");
  assertEquals([...settings.get("experimental-features")].sort(), ["fetch-tree", "flakes"]);
  assertEquals(warnings, [
    "unknown experimental feature 'foo'",
    "experimental feature 'no-url-literals' has been stabilized and renamed; use 'lint-url-literals = fatal' setting instead",
  ]);
});

Deno.test("settings.apply() turns features on first", () => {
  const { settings, warnings } = make();
  settings.apply([["use-registries", "false"], ["extra-experimental-features", "flakes"]]);
  assertEquals(settings.get("use-registries"), false);
  const other = make();
  other.settings.apply([["use-registries", "false"]]);
  assertEquals(other.settings.get("use-registries"), true);
  assertEquals(other.warnings, [
    "Ignoring setting 'use-registries' because experimental feature 'flakes' is not enabled",
  ]);
  assertEquals(warnings, []);
});

Deno.test("settings.set() maps warn-short-path-literals to its successor", () => {
  const { settings, warnings } = make();
  settings.set("warn-short-path-literals", "true");
  assertEquals(settings.get("lint-short-path-literals"), "warn");
  assertEquals(warnings, ["'warn-short-path-literals' is deprecated, use 'lint-short-path-literals = warn' instead"]);
  settings.set("lint-short-path-literals", "fatal");
  settings.set("warn-short-path-literals", "false");
  assertEquals(settings.get("lint-short-path-literals"), "fatal");
});

Deno.test("settings start from the environment", () => {
  const { settings } = make({ NIX_REMOTE: "daemon", NIX_ABORT_ON_WARN: "yes", SSL_CERT_FILE: "/ca" });
  assertEquals(settings.get("store"), "daemon");
  assertEquals(settings.get("abort-on-warn"), true);
  assertEquals(settings.get("ssl-cert-file"), "/ca");
  assertEquals(make().settings.get("store"), "auto");
});

Deno.test("settings.forEvaluation() prefers eval-system", () => {
  const { settings } = make();
  assertEquals(settings.forEvaluation().system, "x86_64-linux");
  settings.set("system", "a");
  assertEquals(settings.forEvaluation().system, "a");
  settings.set("eval-system", "b");
  assertEquals(settings.forEvaluation().system, "b");
});

Deno.test("splitNixPath() leaves URLs whole", () => {
  assertEquals(splitNixPath(""), []);
  assertEquals(splitNixPath("a:b=c"), ["a", "b=c"]);
  assertEquals(splitNixPath("a::b:"), ["a", "", "b"]);
  assertEquals(splitNixPath("nixpkgs=https://x/y.tar.gz:foo=channel:z:q"), [
    "nixpkgs=https://x/y.tar.gz",
    "foo=channel:z",
    "q",
  ]);
  assertEquals(splitNixPath("https://x"), ["https://x"]);
});
