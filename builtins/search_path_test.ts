import { assertEquals, assertThrows } from "@std/assert";
import { MemoryIO } from "../lib/io/memory.ts";
import { NixError, stripEscapes } from "../lib/runtime/errors.ts";
import { parseSearchPathEntry, SearchPathResolver } from "./search_path.ts";

function resolver(options: { readonly pureEval?: boolean; readonly fetchTarball?: (url: string) => string } = {}) {
  const warnings: string[] = [];
  const io = new MemoryIO({
    files: {
      "/here/pkgs/default.nix": "",
      "/here/pkgs/lib/x.nix": "",
      "/link": { symlink: "here/pkgs" },
      "/abs/f": "",
    },
  });
  const log = { trace() {}, message() {}, warn: (text: string) => void warnings.push(stripEscapes(text)) };
  return { warnings, paths: new SearchPathResolver({ io, log, currentDir: "/here", pureEval: false, ...options }) };
}

const ENTRIES = ["pkgs=pkgs", "linked=/link", "/abs"].map(parseSearchPathEntry);

Deno.test("SearchPathResolver finds names below their prefix, relative to the current directory", () => {
  const { paths } = resolver();
  const found = ["pkgs", "pkgs/lib/x.nix", "linked/lib", "f"].map((name) => paths.find(ENTRIES, name).path);
  assertEquals(found, ["/here/pkgs", "/here/pkgs/lib/x.nix", "/here/pkgs/lib", "/abs/f"]);
});

Deno.test("SearchPathResolver doesn't find half a prefix, or what isn't there", () => {
  const { paths } = resolver();
  for (const name of ["pk", "pkgsx", "pkgs/none", "none"]) {
    const error = assertThrows(() => paths.find(ENTRIES, name), NixError);
    assertEquals(error.kind, "throw");
    assertEquals(
      stripEscapes(error.message),
      `file '${name}' was not found in the Nix search path (add it using $NIX_PATH or -I)`,
    );
  }
});

Deno.test("SearchPathResolver says so in pure evaluation", () => {
  const { paths } = resolver({ pureEval: true });
  const { message } = assertThrows(() => paths.find([], "x"), NixError);
  assertEquals(stripEscapes(message), "cannot look up '<x>' in pure evaluation mode (use '--impure' to override)");
});

Deno.test("SearchPathResolver warns once of an entry that isn't there", () => {
  const { paths, warnings } = resolver();
  for (let i = 0; i < 2; i++) assertThrows(() => paths.find([{ prefix: "", path: "gone" }], "x"), NixError);
  assertEquals(warnings, ["Nix search path entry 'gone' does not exist, ignoring"]);
});

Deno.test("SearchPathResolver has internal files as a last resort", () => {
  const { path, display } = resolver().paths.find(ENTRIES, "nix/fetchurl.nix");
  assertEquals([path, display], ["/fetchurl.nix", "<nix/fetchurl.nix>"]);
});

Deno.test("SearchPathResolver fetches tarballs once, and passes over those it can't get", () => {
  const urls: string[] = [];
  const { paths, warnings } = resolver({
    fetchTarball: (url) => {
      urls.push(url);
      if (url.includes("bad")) throw new NixError("fetch", "no");
      return "/abs";
    },
  });
  const entries = [{ prefix: "", path: "https://bad" }, { prefix: "c", path: "channel:c" }];
  for (let i = 0; i < 2; i++) assertEquals(paths.find(entries, "c/f").path, "/abs/f");
  assertEquals(urls, ["https://bad", "https://channels.nixos.org/c/nixexprs.tar.xz"]);
  assertEquals(warnings[0], "Nix search path entry 'https://bad' cannot be downloaded, ignoring");
});
