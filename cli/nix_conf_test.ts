import { assertEquals, assertThrows } from "@std/assert";
import { NixError, stripEscapes } from "../mod.ts";
import { type ConfFiles, loadNixConf, nixUserConfFiles, parseNixConf } from "./nix_conf.ts";
import { Settings } from "./settings.ts";
import { UsageError } from "./usage_error.ts";

function confFiles(files: Record<string, string>): ConfFiles {
  return { read: (path) => files[path], exists: (path) => path in files };
}

function parse(text: string, files: Record<string, string> = {}) {
  return parseNixConf(text, "/etc/nix/nix.conf", confFiles(files));
}

function message(fn: () => unknown): string {
  return stripEscapes((assertThrows(fn) as Error).message);
}

Deno.test("parseNixConf() splits names and values", () => {
  const text = "a = 1\n\n# no\n  b\t=  x \t y  # comment\nc =\n";
  assertEquals(parse(text), [["a", "1"], ["b", "x y"], ["c", ""]]);
});

Deno.test("parseNixConf() puts included files in place, relative to the file", () => {
  const files = { "/etc/nix/b.conf": "x = 2\ninclude sub/c.conf", "/etc/nix/sub/c.conf": "y = 3" };
  assertEquals(parse("a = 1\ninclude b.conf\nz = 4", files), [["a", "1"], ["x", "2"], ["y", "3"], ["z", "4"]]);
  assertEquals(parse("!include /nowhere\na = 1"), [["a", "1"]]);
});

Deno.test("parseNixConf() takes no relative paths into NIX_CONFIG and files with relative paths", () => {
  const included = (text: string, path: string) => () => parseNixConf(text, path, confFiles({}));
  for (
    const [text, path, shown] of [
      ["include x", "NIX_CONFIG", "x"],
      ["!include ./x", "NIX_CONFIG", "./x"],
      ["include x", "nix.conf", "x"],
      ["include ./x", "sub/nix.conf", "sub/./x"],
    ]
  ) {
    assertEquals(message(included(text, path)), `not an absolute path: "${shown}"`);
  }
});

Deno.test("parseNixConf() names the line it can't read", () => {
  assertEquals(
    message(() => parse("pure-eval")),
    `syntax error in configuration line 'pure-eval' in "/etc/nix/nix.conf"`,
  );
  assertEquals(message(() => parse("a b = c")), `syntax error in configuration line 'a b = c' in "/etc/nix/nix.conf"`);
  assertEquals(
    message(() => parse("include a b")),
    `syntax error in configuration line 'include a b' in "/etc/nix/nix.conf"`,
  );
  assertThrows(() => parse("a"), UsageError);
});

Deno.test("parseNixConf() wants included files to exist and not to include themselves", () => {
  assertThrows(() => parse("include /n"), NixError);
  assertEquals(message(() => parse("include /n")), `file "/n" included from "/etc/nix/nix.conf" not found`);
  const files = { "/etc/nix/nix.conf": "include nix.conf" };
  assertEquals(message(() => parse("include nix.conf", files)), `file "/etc/nix/nix.conf" includes itself`);
});

Deno.test("nixUserConfFiles() follows NIX_USER_CONF_FILES, then the XDG directories", () => {
  const list = (env: Record<string, string>) => nixUserConfFiles((name) => env[name]);
  assertEquals(list({ NIX_USER_CONF_FILES: "/a:/b" }), ["/a", "/b"]);
  assertEquals(list({ NIX_USER_CONF_FILES: "" }), []);
  assertEquals(list({ HOME: "/h" }), ["/h/.config/nix/nix.conf", "/etc/xdg/nix/nix.conf"]);
  assertEquals(list({ HOME: "/h", XDG_CONFIG_HOME: "/x", XDG_CONFIG_DIRS: "/y:/z" }), [
    "/x/nix/nix.conf",
    "/y/nix/nix.conf",
    "/z/nix/nix.conf",
  ]);
});

Deno.test("loadNixConf() lets the later source win", () => {
  const load = (env: Record<string, string>) => {
    const get = (name: string) => env[name];
    const settings = new Settings({ env: get, warn: () => {}, system: "x86_64-linux", confDir: "/c" });
    const files = {
      "/c/nix.conf": "cores = 1\nmax-call-depth = 1\nnix-path = file\ntarball-ttl = 1",
      "/u1": "cores = 2\nmax-call-depth = 2",
      "/u2": "cores = 3\nmax-call-depth = 3",
    };
    loadNixConf(settings, get, confFiles(files));
    return settings;
  };
  const settings = load({ NIX_CONF_DIR: "/c", NIX_USER_CONF_FILES: "/u1:/u2", NIX_CONFIG: "cores = 4" });
  assertEquals(settings.get("cores"), 4);
  assertEquals(settings.get("max-call-depth"), 2);
  assertEquals(settings.get("tarball-ttl"), 1);
  assertEquals(settings.get("nix-path"), ["file"]);
  assertEquals(load({ NIX_CONF_DIR: "/c", NIX_PATH: "a=b:c" }).get("nix-path"), ["a=b", "c"]);
});
