// The cases of the differential suite.

import { type FetchCase, FORGE_HOST } from "./case.ts";
import { ODD_FLAKES, oddFlakeDir } from "./flakes.ts";
import type { World } from "./world.ts";

const SRI = "sha256-lycJz08YjedRSy9l6iQ55uSOPv36jMlr4VAB2+Ns5T4=";
/** Of the repository `plain`. */
const PLAIN = "sha256-w3JwS8Xf/ILOMYPiUAImaXn3h0PcD0/Hb9qtaUMe7u4=";
const WRONG = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const HELLO = "sha256-qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A+4XSmaGSpEc=";

type Expr = FetchCase["expr"];

const cases: FetchCase[] = [];
function add(name: string, expr: Expr, rest: Partial<FetchCase> = {}): void {
  cases.push({ name, expr, ...rest });
}

/** Shows what is in a tree. */
const inside = (expr: string) =>
  `let t = ${expr}; walk = p: builtins.mapAttrs (n: k: if k == "directory" then walk (p + "/\${n}") else if k == "regular" then builtins.hashFile "sha256" (p + "/\${n}") else k) (builtins.readDir p); in walk "\${t}"`;

// fetchurl
add("fetchurl of a URL", (w) => `builtins.fetchurl "${w.http}/files/hello.txt"`);
add("fetchurl of a set", (w) => `builtins.fetchurl { url = "${w.http}/files/hello.txt"; }`);
add("fetchurl with name", (w) => `builtins.fetchurl { url = "${w.http}/files/hello.txt"; name = "x"; }`);
add("fetchurl with sha256", (w) => `builtins.fetchurl { url = "${w.http}/files/hello.txt"; sha256 = "${HELLO}"; }`);
add(
  "fetchurl with sha256 in base 32",
  (w) =>
    `builtins.fetchurl { url = "${w.http}/files/hello.txt"; sha256 = "0hxjla4rv8l0gy7g04wd3h9f1g2f60q46j9kfwf4l4v8wzqa0j59"; }`,
  {},
);
add(
  "fetchurl with wrong sha256",
  (w) => `builtins.fetchurl { url = "${w.http}/files/hello.txt"; sha256 = "${WRONG}"; }`,
);
add("fetchurl with empty sha256", (w) => `builtins.fetchurl { url = "${w.http}/files/hello.txt"; sha256 = ""; }`);
add("fetchurl with sha256 of another length", (w) => `builtins.fetchurl { url = "${w.http}/x"; sha256 = "abc"; }`);
add(
  "fetchurl with another algorithm",
  (w) => `builtins.fetchurl { url = "${w.http}/x"; sha256 = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="; }`,
);
add("fetchurl reads", (w) => `builtins.readFile (builtins.fetchurl "${w.http}/files/hello.txt")`);
add(
  "fetchurl reads with sha256",
  (w) => `builtins.readFile (builtins.fetchurl { url = "${w.http}/files/hello.txt"; sha256 = "${HELLO}"; })`,
);
add("fetchurl follows redirects", (w) => `builtins.fetchurl "${w.http}/redirect/hello.txt"`);
add("fetchurl follows ten redirects", (w) => `builtins.fetchurl "${w.http}/redirect/10/hello.txt"`);
add("fetchurl follows no more redirects", (w) => `builtins.fetchurl "${w.http}/redirect/11/hello.txt"`);
add("fetchurl of a local file", (w) => `builtins.fetchurl "file://${w.dir}/files/hello.txt"`);
add("fetchurl of a local file that isn't there", (w) => `builtins.fetchurl "file://${w.dir}/files/none"`);
add("fetchurl of an empty file", (w) => `builtins.fetchurl "${w.http}/files/empty"`);
add("fetchurl of nothing", (w) => `builtins.fetchurl "${w.http}/files/none"`);
add("fetchurl of what is gone", (w) => `builtins.fetchurl "${w.http}/status/410"`);
add("fetchurl of what is forbidden", (w) => `builtins.fetchurl "${w.http}/status/403"`);
add("fetchurl from a server that fails", (w) => `builtins.fetchurl "${w.http}/status/500"`);
add("fetchurl of an unknown protocol", () => `builtins.fetchurl "foo://x/y"`);
add("fetchurl of a path", () => `builtins.fetchurl "/etc/passwd"`);
add("fetchurl of a bad name", (w) => `builtins.fetchurl "${w.http}/files/odd%20name.txt"`);
add("fetchurl of a bad name in a set", (w) => `builtins.fetchurl { url = "${w.http}/files/odd%20name.txt"; }`);
add("fetchurl with a bad name", (w) => `builtins.fetchurl { url = "${w.http}/files/hello.txt"; name = "a b"; }`);
add(
  "fetchurl with a good name for a bad one",
  (w) => `builtins.fetchurl { url = "${w.http}/files/odd%20name.txt"; name = "odd"; }`,
);
add("fetchurl of an empty URL", () => `builtins.fetchurl ""`);
add("fetchurl of an integer", () => `builtins.fetchurl 3`);
add("fetchurl of a set without url", () => `builtins.fetchurl { }`);
add("fetchurl with an unknown argument", (w) => `builtins.fetchurl { url = "${w.http}/x"; foo = 1; }`);
add("fetchurl with a url that throws", () => `builtins.fetchurl { url = throw "no"; }`);
// Hashes of nothing that is in the store: C++ Nix doesn't look at the URL of what is.
for (const url of ["x", "", "./x", "/etc/passwd", "http://a b/x", "http://h:99999/x"]) {
  add(
    `fetchTarball with sha256 of what is no URL: '${url}'`,
    () => `fetchTarball { url = "${url}"; sha256 = "${HELLO}"; }`,
  );
}
for (const url of ["x", "", "./x", "/etc/passwd"]) {
  add(
    `fetchurl with sha256 of what is no URL: '${url}'`,
    () => `builtins.fetchurl { url = "${url}"; name = "x"; sha256 = "${HELLO}"; }`,
  );
}
add("fetchurl in pure evaluation", (w) => `builtins.fetchurl "${w.http}/files/hello.txt"`, { pure: true });
add(
  "fetchurl in pure evaluation with sha256",
  (w) => `builtins.readFile (builtins.fetchurl { url = "${w.http}/files/hello.txt"; sha256 = "${HELLO}"; })`,
  { pure: true },
);
add("fetchurl in restricted evaluation", (w) => `builtins.fetchurl "${w.http}/files/hello.txt"`, {
  options: { "restrict-eval": "true" },
});
add("fetchurl in restricted evaluation where allowed", (w) => `builtins.fetchurl "${w.http}/files/hello.txt"`, {
  options: { "restrict-eval": "true", "allowed-uris": "HTTP" },
});
add(
  "fetchurl of a local file by way of another in restricted evaluation",
  (w) => `builtins.fetchurl "file://${w.dir}/files/../git//./x"`,
  { options: { "restrict-eval": "true" } },
);
for (const encoding of ["gzip", "deflate", "br", "identity"]) {
  const url = (w: World) => `${w.http}/encoded/${encoding}/hello.txt`;
  add(`fetchurl of a file the server encodes: ${encoding}`, (w) => `builtins.readFile (builtins.fetchurl "${url(w)}")`);
  add(
    `fetchurl with sha256 of a file the server encodes: ${encoding}`,
    (w) => `builtins.readFile (builtins.fetchurl { url = "${url(w)}"; sha256 = "${HELLO}"; })`,
  );
}
add(
  "fetchurl of a file the server encodes as nobody knows",
  (w) => `builtins.fetchurl "${w.http}/encoded/unheard-of/hello.txt"`,
);
add("fetchTarball of an archive the server encodes", (w) => `fetchTarball "${w.http}/encoded/gzip/plain.tar.gz"`);
add("fetchurl over HTTP in capitals", (w) => `builtins.fetchurl "${w.http.replace("http", "HTTP")}/files/hello.txt"`);
add("fetchTarball over HTTP in capitals", (w) => `fetchTarball "${w.http.replace("http", "HTTP")}/files/plain.tar.gz"`);
for (const start of ["FILE://", "file://localhost", "file://LOCALHOST", "file://127.0.0.1", "file://example.org"]) {
  add(`fetchurl of a local file: ${start}`, (w) => `builtins.fetchurl "${start}${w.dir}/files/hello.txt"`);
  add(`fetchTarball of a local file: ${start}`, (w) => `fetchTarball "${start}${w.dir}/files/plain.tar.gz"`);
}
add(
  "fetchurl of a local file in capitals in restricted evaluation",
  (w) => `builtins.fetchurl "FILE://${w.dir}/files/hello.txt"`,
  { options: { "restrict-eval": "true" } },
);
add(
  "fetchurl of a local file of this machine in restricted evaluation",
  (w) => `builtins.fetchurl "file://localhost${w.dir}/files/hello.txt"`,
  { options: { "restrict-eval": "true" } },
);
add(
  "fetchurl of a local file of this machine in restricted evaluation where allowed",
  (w) => `builtins.fetchurl "file://localhost${w.dir}/files/hello.txt"`,
  { options: { "restrict-eval": "true", "allowed-uris": "file://localhost/" } },
);
add(
  "fetchurl with odd credentials",
  (w) => `builtins.fetchurl "${w.http.replace("//", "//a:100%ff%@")}/files/hello.txt"`,
);
add("fetchurl after failures", (w) => `builtins.fetchurl "${w.http}/flaky/0/hello.txt"`);

// fetchTarball
for (const name of ["plain.tar.gz", "plain.tar.bz2", "plain.tar.xz", "plain.tar.zst", "gnu.tar", "flat.tar"]) {
  add(`fetchTarball of ${name}`, (w) => `fetchTarball "${w.http}/files/${name}"`);
}
add("fetchTarball of plain.zip", (w) => `fetchTarball "${w.http}/files/plain.zip"`);
add("fetchTarball without extension", (w) => `fetchTarball "${w.http}/files/no-extension"`);
add("fetchTarball of a local file", (w) => `fetchTarball "file://${w.dir}/files/plain.tar.gz"`);
add("fetchTarball with name", (w) => `fetchTarball { url = "${w.http}/files/plain.tar.gz"; name = "tree"; }`);
add("fetchTarball with empty name", (w) => `fetchTarball { url = "${w.http}/files/plain.tar.gz"; name = ""; }`);
add("fetchTarball with sha256", (w) => `fetchTarball { url = "${w.http}/files/plain.tar.gz"; sha256 = "${SRI}"; }`);
add(
  "fetchTarball with wrong sha256",
  (w) => `fetchTarball { url = "${w.http}/files/plain.tar.gz"; sha256 = "${WRONG}"; }`,
);
add("fetchTarball imports", (w) => `import (fetchTarball "${w.http}/files/plain.tar.gz" + "/lib")`);
add(
  "fetchTarball imports with sha256",
  (w) => `import (fetchTarball { url = "${w.http}/files/plain.tar.gz"; sha256 = "${SRI}"; } + "/lib")`,
);
add("fetchTarball has what is in it", (w) => inside(`fetchTarball "${w.http}/files/flat.tar"`));
add("fetchTarball of nothing", (w) => `fetchTarball "${w.http}/files/none.tar.gz"`, {
  differs: { reason: "says what happened first", ours: /^unable to download '.*': HTTP error 404$/ },
});
add("fetchTarball of a page", (w) => `fetchTarball "${w.http}/files/page.html"`, {
  differs: { reason: "says what it is", ours: /not a tar archive/ },
});
add("fetchTarball of an empty file", (w) => `fetchTarball "${w.http}/files/empty"`, {
  differs: { reason: "C++ Nix takes it for an empty tree", ours: /it is empty/ },
});
add("fetchTarball of a file cut off", (w) => `fetchTarball "${w.http}/files/cut.tar.gz"`, {
  differs: { reason: "says what is wrong", ours: /gzip data is damaged or cut off/ },
});
add("fetchTarball of a damaged file", (w) => `fetchTarball "${w.http}/files/damaged.tar.gz"`, {
  differs: { reason: "says what is wrong", ours: /gzip data is damaged or cut off/ },
});
for (const name of ["sha256.tar.xz", "bcj.tar.xz"]) {
  add(`fetchTarball of ${name}`, (w) => `fetchTarball "${w.http}/files/${name}"`, {
    differs: { reason: "not supported", ours: /a filter or a check nobody here knows, which is not supported$/ },
  });
}
add("fetchTarball of backslashes.zip", (w) => inside(`fetchTarball "${w.http}/files/backslashes.zip"`));
for (const name of ["odd-paths.tar", "odd-paths.zip", "repeated.tar", "repeated.zip"]) {
  add(`fetchTarball of ${name}`, (w) => `fetchTarball "${w.http}/files/${name}"`);
  add(`fetchTarball has what is in ${name}`, (w) => inside(`fetchTarball "${w.http}/files/${name}"`));
}
add("fetchTarball of odd-headers.tar", (w) => inside(`fetchTarball "file://${w.dir}/files/odd-headers.tar"`));
add("fetchTarball of git-name.tar", (w) => `fetchTarball "file://${w.dir}/files/git-name.tar"`);
add("fetchTarball of a local file that isn't there", (w) => `fetchTarball "file://${w.dir}/none.tar.gz"`);
add("fetchTarball of a directory", (w) => `fetchTarball "file://${w.dir}/files"`);
add("fetchTarball of a repository", (w) => `fetchTarball "file://${w.dir}/git/plain"`);
add("fetchTarball of a relative file", () => `fetchTarball "file:a.tar.gz"`);
add("fetchTarball of an empty URL", () => `fetchTarball ""`);
add("fetchTarball in pure evaluation", (w) => `fetchTarball "${w.http}/files/plain.tar.gz"`, { pure: true });
add("fetchTarball of a set without url", () => `fetchTarball { name = "x"; }`);
add("fetchTarball follows redirects", (w) => `fetchTarball "${w.http}/redirect/plain.tar.gz"`);
add("fetchTarball behind an immutable link", (w) => `fetchTarball "${w.http}/immutable/plain.tar.gz"`);

// fetchTree: tarball and file
const tree = (attrs: string) => `fetchTree { ${attrs} }`;
add("tarball", (w) => tree(`type = "tarball"; url = "${w.http}/files/plain.tar.gz";`));
add("tarball with narHash", (w) => tree(`type = "tarball"; url = "${w.http}/files/plain.tar.gz"; narHash = "${SRI}";`));
add(
  "tarball with wrong narHash",
  (w) => tree(`type = "tarball"; url = "${w.http}/files/plain.tar.gz"; narHash = "${WRONG}";`),
);
add(
  "tarball with malformed narHash",
  (w) => tree(`type = "tarball"; url = "${w.http}/files/plain.tar.gz"; narHash = "x";`),
);
add(
  "tarball with lastModified",
  (w) => tree(`type = "tarball"; url = "${w.http}/files/plain.tar.gz"; narHash = "${SRI}"; lastModified = 1600000005;`),
);
add(
  "tarball with other lastModified",
  (w) => tree(`type = "tarball"; url = "${w.http}/files/plain.tar.gz"; lastModified = 5;`),
);
add("tarball with rev and revCount", (w) =>
  tree(
    `type = "tarball"; url = "${w.http}/files/plain.tar.gz"; rev = "${
      "a".repeat(40)
    }"; revCount = 3; narHash = "${SRI}";`,
  ));
add("tarball behind an immutable link", (w) => tree(`type = "tarball"; url = "${w.http}/immutable/plain.tar.gz";`));
add("tarball with name", (w) => tree(`type = "tarball"; url = "${w.http}/x"; name = "x";`));
add("tarball with an unknown attribute", (w) => tree(`type = "tarball"; url = "${w.http}/x"; foo = "x";`));
add("tarball without url", () => tree(`type = "tarball";`));
add("tarball in pure evaluation", (w) => tree(`type = "tarball"; url = "${w.http}/files/plain.tar.gz";`), {
  pure: true,
});
add(
  "tarball in pure evaluation with narHash",
  (w) => tree(`type = "tarball"; url = "${w.http}/files/plain.tar.gz"; narHash = "${SRI}";`),
  { pure: true },
);
add("file", (w) => tree(`type = "file"; url = "${w.http}/files/hello.txt";`));
add(
  "file with narHash",
  (w) =>
    tree(
      `type = "file"; url = "${w.http}/files/hello.txt"; narHash = "sha256-oLKiPnIB8JBEXVQQlZKBoXfYg2OrYCzRNYzQUjzSSVo=";`,
    ),
);
add("file reads", (w) => `builtins.readFile (${tree(`type = "file"; url = "${w.http}/files/hello.txt";`)}).outPath`);
add("file of an archive", (w) => tree(`type = "file"; url = "${w.http}/files/plain.tar.gz";`));
add("tarball by URL", (w) => `fetchTree "${w.http}/files/plain.tar.gz"`);
add(
  "tarball by URL with narHash",
  (w) => `fetchTree "${w.http}/files/plain.tar.gz?narHash=${encodeURIComponent(SRI)}"`,
);
add("tarball by URL without extension", (w) => `fetchTree "${w.http}/files/no-extension"`);
add("tarball by URL that says so", (w) => `fetchTree "tarball+${w.http}/files/no-extension"`);
add("file by URL that says so", (w) => `fetchTree "file+${w.http}/files/hello.txt"`);
add("a URL without flakes", (w) => `fetchTree "${w.http}/files/plain.tar.gz"`, { features: ["fetch-tree"] });
add("a URL of no known kind", () => `fetchTree "ssh://example.org/x"`);
const UNUSUAL = (w: World) => `file://${w.dir}/files/na%C3%AFve%20%E2%98%83`;
add("fetchTarball of a file whose name isn't ASCII", (w) => `fetchTarball "${UNUSUAL(w)}.tar.gz"`);
add(
  "fetchurl of a file whose name isn't ASCII",
  (w) => `builtins.fetchurl { url = "${UNUSUAL(w)}.tar.gz"; name = "x"; }`,
);
add("fetchTree of a file whose name isn't ASCII", (w) => `fetchTree "file+${UNUSUAL(w)}.tar.gz"`);
add("fetchTarball of a file that isn't there, whose name isn't ASCII", (w) => `fetchTarball "${UNUSUAL(w)}"`);
add("fetchurl of a file that isn't there, whose name isn't ASCII", (w) => `builtins.fetchurl "${UNUSUAL(w)}"`);

add("file+git", () => `fetchTree "file+git:///x"`);
add("a URL that is none", () => `fetchTree "foo"`);

// fetchTree: arguments
add("no type", () => tree(`url = "x";`));
add("type that is no string", () => tree(`type = 1;`));
add("unknown type", () => tree(`type = "foo"; x = 1;`));
add("an attribute that is a list", (w) => tree(`type = "tarball"; url = "${w.http}/x"; narHash = [ ];`));
add("a negative attribute", (w) => tree(`type = "tarball"; url = "${w.http}/x"; lastModified = -1;`));
add("an integer for a string", () => tree(`type = "tarball"; url = 1;`));
add("a string for an integer", (w) => tree(`type = "tarball"; url = "${w.http}/x"; lastModified = "1";`));
add("__final", (w) => tree(`type = "tarball"; url = "${w.http}/x"; __final = true;`));
add("an integer", () => `fetchTree 1`);
add("indirect", () => tree(`type = "indirect"; id = "nixpkgs";`));
add("indirect by URL", () => `fetchTree "nixpkgs"`);
add("indirect in pure evaluation", () => tree(`type = "indirect"; id = "nixpkgs";`), { pure: true });
add("flake: URL", () => `fetchTree "flake:nixpkgs"`);
add("bad flake id", () => tree(`type = "indirect"; id = "0x";`));

// path
add("path", (w) => tree(`type = "path"; path = "${w.dir}/tree";`));
add("path as a path", (w) => tree(`type = "path"; path = ${w.dir}/tree;`));
add("path of a file", (w) => tree(`type = "path"; path = "${w.dir}/tree/default.nix";`));
add("path by URL", (w) => `fetchTree "path:${w.dir}/tree"`);
add(
  "path with lastModified and rev",
  (w) => tree(`type = "path"; path = "${w.dir}/tree"; lastModified = 7; rev = "${"b".repeat(40)}"; revCount = 2;`),
);
add("path with wrong narHash", (w) => tree(`type = "path"; path = "${w.dir}/tree"; narHash = "${WRONG}";`), {
  differs: {
    reason: "C++ Nix names the two hashes the other way round",
    ours: /expected 'sha256-47DEQ.*' but got 'sha256-/,
  },
});
add("path that isn't there", (w) => tree(`type = "path"; path = "${w.dir}/none/x";`));
add("path of a symlink", (w) => tree(`type = "path"; path = "${w.dir}/linked/clean"; lastModified = 1;`));
add("path below a symlink", (w) => tree(`type = "path"; path = "${w.dir}/linked-above/tree/sub/..";`));
add("path below a symlink to nowhere", (w) => tree(`type = "path"; path = "${w.dir}/linked/nowhere/x";`));
add("getFlake below a symlink", (w) => `builtins.getFlake "path:${w.dir}/linked-above/tree"`);
add("path that is relative", () => tree(`type = "path"; path = "x";`));
add("path without path", () => tree(`type = "path";`));
add("path in pure evaluation", (w) => tree(`type = "path"; path = "${w.dir}/tree";`), { pure: true });
add("path reads", (w) => `import (${tree(`type = "path"; path = "${w.dir}/tree";`)}).outPath`);

// fetchGit
const git = (attrs: string) => `fetchGit { ${attrs} }`;
const GIT: (w: World) => string = (w) => `file://${w.dir}/git/repo`;
add("fetchGit of a clean tree", (w) => `fetchGit ${w.dir}/clean`);
add("fetchGit of a clean tree by URL", (w) => `fetchGit "file://${w.dir}/clean"`);
add("fetchGit of a clean tree in a set", (w) => git(`url = "${w.dir}/clean";`));
add("fetchGit of a clean tree with attributes", (w) => git(`url = "${w.dir}/git/repo";`));
add("fetchGit of a dirty tree", (w) => git(`url = "${w.dir}/dirty";`));
add("fetchGit has what is in a dirty tree", (w) => inside(git(`url = "${w.dir}/dirty";`)));
add("fetchGit of a dirty tree that may not be", (w) => git(`url = "${w.dir}/dirty";`), {
  options: { "allow-dirty": "false" },
});
for (
  const name of [
    ...["assume-unchanged", "skip-worktree"].flatMap((flag) =>
      ["told", "edited", "gone", "added"].map((what) => `${what}-${flag}`)
    ),
    ...["sparse", "sparse-edited", "modes", "pipes", "attributes", "untracked-attributes"],
    ...["conflict", "conflict-gone", "conflict-gone-submodules", "replaced"],
  ]
) {
  add(`fetchGit of a tree git doesn't see all of: ${name}`, (w) => git(`url = "${w.dir}/unseen/${name}";`));
  add(`fetchGit has what git doesn't see: ${name}`, (w) => inside(git(`url = "${w.dir}/unseen/${name}";`)));
}
for (const name of ["clean", "dirty", "gone", "unborn", "void", "super-clean", "super-dirty"]) {
  const more = name.startsWith("super") ? " submodules = true;" : "";
  add(`fetchGit of a symlink: ${name}`, (w) => git(`url = "${w.dir}/linked/${name}";${more}`));
  add(`fetchGit below a symlink: ${name}`, (w) => git(`url = "${w.dir}/linked-above/${name}";${more}`));
}
add("fetchGit of a symlink with a slash", (w) => git(`url = "${w.dir}/linked/clean/";`));
add("fetchGit of a symlink by ref", (w) => git(`url = "${w.dir}/linked/clean"; ref = "HEAD";`));
for (const name of ["sha256", "unknown", "ignored", "partial", "known", "newer"]) {
  add(`fetchGit of a repository of another format: ${name}`, (w) => git(`url = "${w.dir}/formats/${name}";`));
}
add("fetchGit of a commit before 1970", (w) => git(`url = "${w.dir}/formats/old"; ref = "before-1970";`));
add("fetchGit of a commit of no time zone", (w) => git(`url = "${w.dir}/formats/old"; ref = "no-zone";`));
add(
  "fetchGit of a commit a shallow repository hasn't",
  (w) => git(`url = "${w.dir}/shallow"; rev = "${w.revs.first}";`),
);
add("fetchGit of a detached HEAD", (w) => git(`url = "${w.dir}/detached";`));
add("fetchGit of a repository without commits", (w) => git(`url = "${w.dir}/unborn";`));
add("fetchGit of an empty repository", (w) => git(`url = "${w.dir}/void";`));
add("fetchGit of a branch", (w) => git(`url = "${GIT(w)}"; ref = "dev";`));
add("fetchGit of a branch with a slash", (w) => git(`url = "${GIT(w)}"; ref = "feature/x";`));
add("fetchGit of a full ref", (w) => git(`url = "${GIT(w)}"; ref = "refs/heads/dev";`));
add("fetchGit of a tag", (w) => git(`url = "${GIT(w)}"; ref = "refs/tags/v1";`));
add("fetchGit of HEAD", (w) => git(`url = "${GIT(w)}"; ref = "HEAD";`));
add("fetchGit of a rev", (w) => git(`url = "${GIT(w)}"; rev = "${w.revs.first}";`));
add("fetchGit of a rev on another branch", (w) => git(`url = "${GIT(w)}"; rev = "${w.revs.dev}";`));
add("fetchGit of a rev and a ref", (w) => git(`url = "${GIT(w)}"; rev = "${w.revs.dev}"; ref = "dev";`));
add("fetchGit with name", (w) => git(`url = "${GIT(w)}"; rev = "${w.revs.first}"; name = "x";`));
for (
  const [name, attrs] of [
    ["a commit", (w: World) => `url = "${w.dir}/git/ignored"; ref = "main";`],
    ["a clean tree", (w: World) => `url = "${w.dir}/git/ignored";`],
    ["a dirty tree", (w: World) => `url = "${w.dir}/ignored-dirty";`],
    ["a commit of a dirty tree", (w: World) => `url = "${w.dir}/ignored-gone"; ref = "main";`],
    ["a tree with one missing", (w: World) => `url = "${w.dir}/ignored-gone";`],
    ["a clone", (w: World) => `url = "${w.http}/git/ignored";`],
  ] as const
) {
  add(`fetchGit without directories ignored: ${name}`, (w) => inside(git(attrs(w))));
  add(`fetchGit hashes what is left of directories ignored: ${name}`, (w) => `(${git(attrs(w))}).narHash`);
}
add("fetchGit reads attributes as libgit2 does: a commit", (w) => inside(git(`url = "${w.dir}/git/quoted";`)));
add("fetchGit reads attributes as libgit2 does: a dirty tree", (w) => inside(git(`url = "${w.dir}/quoted-dirty";`)));
add("fetchGit reads attributes as libgit2 does: a clone", (w) => inside(git(`url = "${w.http}/git/quoted";`)));
add(
  "fetchGit without directories ignored: twice, by another repository",
  (w) =>
    `map (url: (fetchGit { inherit url; ref = "main"; }).narHash) [ "${w.dir}/git/ignored" "${w.http}/git/ignored" ]`,
  {
    differs: {
      reason: "C++ Nix takes what it made of the commit first for what it would make of it",
      ours: /^\["sha256-xJlJg6E[^"]*","sha256-xbPylv7[^"]*"\]$/,
    },
  },
);
add("fetchGit without exportIgnore", (w) => git(`url = "${GIT(w)}"; rev = "${w.revs.first}"; exportIgnore = false;`));
add("fetchGit has what is exported", (w) => inside(git(`url = "${GIT(w)}"; rev = "${w.revs.first}";`)));
add("fetchGit of a ref that isn't there", (w) => git(`url = "${GIT(w)}"; ref = "none";`));
add("fetchGit of a rev that isn't there", (w) => git(`url = "${GIT(w)}"; rev = "${"1".repeat(40)}";`));
add("fetchGit of a bad ref", (w) => git(`url = "${GIT(w)}"; ref = "a..b";`));
add("fetchGit of a bad rev", (w) => git(`url = "${GIT(w)}"; rev = "xyz";`));
add("fetchGit with type", (w) => git(`type = "git"; url = "${GIT(w)}";`));
add("fetchGit without url", () => git(`ref = "x";`));
add("fetchGit with an unknown attribute", (w) => git(`url = "${GIT(w)}"; foo = "x";`));
add("fetchGit with a bad submodules", (w) => git(`url = "${GIT(w)}"; submodules = "x";`));
add("fetchGit of a path that isn't there", (w) => git(`url = "${w.dir}/none/repo";`));
add("fetchGit of a directory that is no repository", (w) => git(`url = "${w.dir}/files";`));
add("fetchGit of a bare repository", (w) => git(`url = "${w.dir}/git/bare.git";`));
add("fetchGit of a bare repository by rev", (w) => git(`url = "${w.dir}/git/bare.git"; rev = "${w.revs.first}";`));
add("fetchGit of a bare repository by branch", (w) => git(`url = "file://${w.dir}/git/bare.git"; ref = "dev";`));
add("fetchGit of a shallow repository", (w) => git(`url = "file://${w.dir}/shallow"; ref = "main";`));
add(
  "fetchGit of a shallow repository that may be",
  (w) => git(`url = "file://${w.dir}/shallow"; ref = "main"; shallow = true;`),
);
add(
  "fetchGit with submodules",
  (w) => git(`url = "file://${w.dir}/git/super"; rev = "${w.revs.super}"; submodules = true;`),
);
add(
  "fetchGit has what is in submodules",
  (w) => inside(git(`url = "file://${w.dir}/git/super"; rev = "${w.revs.super}"; submodules = true;`)),
);
add("fetchGit without submodules", (w) => git(`url = "file://${w.dir}/git/super"; rev = "${w.revs.super}";`));
add("fetchGit of a tree with submodules", (w) => git(`url = "${w.dir}/super-clean"; submodules = true;`));
add("fetchGit of a tree with changed submodules", (w) => git(`url = "${w.dir}/super-dirty"; submodules = true;`));
add("fetchGit of a tree with submodules left out", (w) => git(`url = "${w.dir}/super-clean";`));
add(
  "fetchGit with exportIgnore and submodules",
  (w) => git(`url = "${GIT(w)}"; rev = "${w.revs.first}"; exportIgnore = true; submodules = true;`),
);
add("fetchGit in pure evaluation", (w) => git(`url = "${GIT(w)}"; ref = "dev";`), { pure: true });
add("fetchGit in pure evaluation with rev", (w) => git(`url = "${GIT(w)}"; rev = "${w.revs.first}";`), { pure: true });
add("fetchGit over http", (w) => git(`url = "${w.http}/git/repo";`));
add("fetchGit over http of a branch", (w) => git(`url = "${w.http}/git/repo"; ref = "dev";`));
add("fetchGit over http of a rev", (w) => git(`url = "${w.http}/git/repo"; rev = "${w.revs.first}";`));
add("fetchGit over http, shallow", (w) => git(`url = "${w.http}/git/repo"; shallow = true;`));
add(
  "fetchGit over http of all refs",
  (w) => git(`url = "${w.http}/git/repo"; rev = "${w.revs.hidden}"; allRefs = true;`),
);
add(
  "fetchGit over http of a rev no branch leads to",
  (w) => git(`url = "${w.http}/git/repo"; rev = "${"1".repeat(40)}";`),
);
add("fetchGit over http of nothing", (w) => git(`url = "${w.http}/git/none";`));
add(
  "fetchGit over http with submodules",
  (w) => git(`url = "${w.http}/git/super"; rev = "${w.revs.super}"; submodules = true;`),
);
add(
  "fetchGit with narHash",
  (w) =>
    git(
      `url = "${w.http}/git/plain"; rev = "${w.revs.plain}"; narHash = "${PLAIN}";`,
    ),
);
add(
  "fetchGit with wrong narHash",
  (w) =>
    git(
      `url = "${w.http}/git/plain"; rev = "${w.revs.plain}"; narHash = "${WRONG}";`,
    ),
  {
    differs: {
      reason: "C++ Nix names the two hashes the other way round",
      ours: /expected 'sha256-47DEQ.*' but got 'sha256-/,
    },
  },
);

// fetchTree: git
add("git", (w) => tree(`type = "git"; url = "${w.http}/git/repo";`));
add("git of a ref", (w) => tree(`type = "git"; url = "${w.http}/git/repo"; ref = "dev";`));
add("git of a rev", (w) => tree(`type = "git"; url = "${w.http}/git/repo"; rev = "${w.revs.first}";`));
add("git that is not shallow", (w) => tree(`type = "git"; url = "${w.http}/git/repo"; shallow = false;`));
add(
  "git with exportIgnore",
  (w) => tree(`type = "git"; url = "${w.http}/git/repo"; rev = "${w.revs.first}"; exportIgnore = true;`),
);
add("git by URL", (w) => `fetchTree "git+${w.http}/git/repo?ref=dev"`);
add("git by URL of a local tree", (w) => `fetchTree "git+file://${w.dir}/clean"`);
add("git by URL of a dirty tree", (w) => `fetchTree "git+file://${w.dir}/dirty"`);
add("git with lastModified and revCount", (w) =>
  tree(
    `type = "git"; url = "${w.http}/git/plain"; rev = "${w.revs.plain}"; lastModified = 1580608922; revCount = 1; shallow = false;`,
  ));
add(
  "git with other lastModified",
  (w) => tree(`type = "git"; url = "${w.http}/git/plain"; rev = "${w.revs.plain}"; lastModified = 7;`),
);
add("git with name", (w) => tree(`type = "git"; url = "${w.http}/git/plain"; name = "x";`));
add("git in pure evaluation", (w) => tree(`type = "git"; url = "${w.http}/git/repo";`), { pure: true });
add("git with verifyCommit", (w) => tree(`type = "git"; url = "${w.http}/git/repo"; verifyCommit = true;`));

// Forges
const forge = (type: string, rest: string) =>
  tree(`type = "${type}"; host = "${FORGE_HOST}"; owner = "${type === "sourcehut" ? "~me" : "me"}"; ${rest}`);
for (const type of ["github", "gitlab", "sourcehut"]) {
  add(`${type} of a rev`, (w) => forge(type, `repo = "repo"; rev = "${w.revs.first}";`));
  add(`${type} of a ref`, () => forge(type, `repo = "repo"; ref = "dev";`));
  add(`${type} of HEAD`, () => forge(type, `repo = "repo";`));
  add(
    `${type} by URL`,
    (w) => `fetchTree "${type}:${type === "sourcehut" ? "~me" : "me"}/repo/${w.revs.first}?host=127.0.0.2"`,
  );
}
add(
  "github with narHash",
  (w) =>
    forge(
      "github",
      `repo = "plain"; rev = "${w.revs.plain}"; narHash = "${PLAIN}";`,
    ),
);
add(
  "github with wrong narHash",
  (w) =>
    forge(
      "github",
      `repo = "plain"; rev = "${w.revs.plain}"; narHash = "${WRONG}";`,
    ),
  {
    differs: {
      reason: "C++ Nix names the two hashes the other way round",
      ours: /expected 'sha256-47DEQ.*' but got 'sha256-/,
    },
  },
);
add(
  "github with lastModified",
  (w) => forge("github", `repo = "plain"; rev = "${w.revs.plain}"; lastModified = 1580608922;`),
  {},
);
add(
  "github with other lastModified",
  (w) => forge("github", `repo = "plain"; rev = "${w.revs.plain}"; lastModified = 5;`),
  {},
);
add("github of a tag", () => forge("github", `repo = "repo"; ref = "v1";`));
add("github of a ref that isn't there", () => forge("github", `repo = "repo"; ref = "none";`), {
  differs: { reason: "asks git, not the API", ours: /couldn't find ref 'none'/ },
});
add("github of a repository that isn't there", () => forge("github", `repo = "none"; rev = "${"1".repeat(40)}";`), {
  differs: {
    reason: "archive URL, and no wrapping",
    ours: /^unable to download '.*\/archive\/1{40}\.tar\.gz': HTTP error 404$/,
  },
});
add(
  "github with ref and rev",
  (w) => tree(`type = "github"; owner = "a"; repo = "b"; ref = "x"; rev = "${w.revs.first}";`),
);
add("github without repo", () => tree(`type = "github"; owner = "a";`));
add("github with a bad rev", () => tree(`type = "github"; owner = "a"; repo = "b"; rev = "x";`));
add("github with a bad host", () => tree(`type = "github"; owner = "a"; repo = "b"; host = "a_b";`));
add("github with a bad ref", () => tree(`type = "github"; owner = "a"; repo = "b"; ref = "a b";`));
add("github in pure evaluation", () => tree(`type = "github"; owner = "a"; repo = "b";`), { pure: true });
add("github in pure evaluation with rev", (w) => forge("github", `repo = "repo"; rev = "${w.revs.first}";`), {
  pure: true,
});
add(
  "github in pure evaluation with rev and without trust",
  (w) => forge("github", `repo = "repo"; rev = "${w.revs.first}";`),
  {
    pure: true,
    options: { "trust-tarballs-from-git-forges": "false" },
  },
);
add("github without flakes", () => tree(`type = "github"; owner = "a"; repo = "b";`), { features: ["fetch-tree"] });
add("github in restricted evaluation", () => tree(`type = "github"; owner = "a"; repo = "b";`), {
  options: { "restrict-eval": "true" },
});

// findFile
const found = (w: World) =>
  `builtins.readFileType (builtins.findFile [ { prefix = "x"; path = "file://${w.dir}/files/plain.tar.gz"; } ] "x")`;
add("findFile in an archive", found);
const EARLY = "C++ Nix fetches it, and then doesn't let anybody read it";
add("findFile in an archive in restricted evaluation", found, {
  options: { "restrict-eval": "true" },
  differs: {
    reason: EARLY,
    ours: /^access to absolute path '\/DIR\/files\/plain.tar.gz' is forbidden in restricted mode$/,
  },
});
add("findFile in an archive in pure evaluation", found, {
  pure: true,
  differs: { reason: EARLY, ours: /^in pure evaluation mode, 'findFile' doesn't fetch unlocked input 'file:/ },
});

// fetchMercurial
add("fetchMercurial without url", () => `fetchMercurial { }`);
add("fetchMercurial with an unknown argument", () => `fetchMercurial { foo = 1; }`);
add("fetchMercurial in pure evaluation", () => `fetchMercurial "/x"`, { pure: true });
const HG = { needs: "hg" } as const;
for (const [where, at] of [["a local tree", ""], ["a URL", "file://"]]) {
  const hg = (w: World, attrs: string) => tree(`type = "hg"; url = "${at}${w.dir}/hg/plain"; ${attrs}`);
  add(`fetchMercurial of ${where}`, (w) => `fetchMercurial "${at}${w.dir}/hg/plain"`, HG);
  add(
    `fetchMercurial of ${where} with rev`,
    (w) => `fetchMercurial { url = "${at}${w.dir}/hg/plain"; rev = "${w.revs.hgFirst}"; }`,
    HG,
  );
  add(
    `fetchMercurial of ${where} with a branch`,
    (w) => `fetchMercurial { url = "${at}${w.dir}/hg/plain"; rev = "dev"; }`,
    HG,
  );
  add(
    `fetchMercurial of ${where} with name`,
    (w) => `fetchMercurial { url = "${at}${w.dir}/hg/plain"; rev = "dev"; name = "x"; }`,
    HG,
  );
  add(`hg of ${where}`, (w) => hg(w, ""), HG);
  add(`hg of ${where} with ref`, (w) => hg(w, `ref = "dev";`), HG);
  add(`hg of ${where} with rev`, (w) => hg(w, `rev = "${w.revs.hgFirst}";`), HG);
  add(`hg of ${where} with ref and rev`, (w) => hg(w, `ref = "default"; rev = "${w.revs.hgFirst}";`), HG);
  add(`hg of ${where} with a ref that isn't there`, (w) => hg(w, `ref = "none";`), HG);
  add(`hg of ${where} with a rev that isn't there`, (w) => hg(w, `rev = "${"1".repeat(40)}";`), HG);
  add(`hg of ${where} with wrong narHash`, (w) => hg(w, `rev = "${w.revs.hgFirst}"; narHash = "${WRONG}";`), {
    ...HG,
    ...(at === "" ? {} : {
      differs: {
        reason: "C++ Nix says 'expected' of the hash it got, and 'got' of the one that was expected",
        ours: /^NAR hash mismatch in input .*, expected 'sha256-47DEQ.*' but got 'sha256-nPD7O/,
      },
    }),
  });
  add(`fetchMercurial reads ${where}`, (w) => inside(`fetchMercurial "${at}${w.dir}/hg/plain"`), HG);
  add(`fetchMercurial of ${where} that is dirty`, (w) => `fetchMercurial "${at}${w.dir}/hg/dirty"`, HG);
  add(`hg of ${where} that is dirty`, (w) => tree(`type = "hg"; url = "${at}${w.dir}/hg/dirty";`), HG);
}
add("fetchMercurial reads a dirty tree", (w) => inside(`fetchMercurial "${w.dir}/hg/dirty"`), HG);
add(
  "hg in pure evaluation with rev",
  (w) => tree(`type = "hg"; url = "file://${w.dir}/hg/plain"; rev = "${w.revs.hgFirst}";`),
  { ...HG, pure: true },
);
add("hg of nothing", (w) => tree(`type = "hg"; url = "file://${w.dir}/hg/none";`), HG);
add("hg by URL", (w) => `builtins.fetchTree "hg+file://${w.dir}/hg/plain?rev=${w.revs.hgFirst}"`, HG);
add("hg with a bad ref", () => tree(`type = "hg"; url = "https://h/x"; ref = "-x";`));

// fetchClosure
const closure = (attrs: string) => `builtins.fetchClosure { ${attrs} }`;
const PATH = "/nix/store/ldbhlwhh39wha58rm61bkiiwm6j7211j-git-2.33.1";
const CLOSURE = { features: ["flakes", "fetch-tree", "fetch-closure"] };
add("fetchClosure without fromPath", () => closure(`fromStore = "https://x";`), CLOSURE);
add("fetchClosure without fromStore", () => closure(`fromPath = ${PATH};`), CLOSURE);
add("fetchClosure with an unknown attribute", () => closure(`foo = 1;`), CLOSURE);
add("fetchClosure of another store", () => closure(`fromStore = "ssh://x"; fromPath = ${PATH};`), CLOSURE);
add("fetchClosure with parameters", () => closure(`fromStore = "https://x?y=z"; fromPath = ${PATH};`), CLOSURE);
add(
  "fetchClosure with inputAddressed and toPath",
  () => closure(`fromStore = "https://x"; fromPath = ${PATH}; inputAddressed = true; toPath = ${PATH};`),
  CLOSURE,
);
add("fetchClosure of a path outside the store", () => closure(`fromStore = "https://x"; fromPath = /etc;`), CLOSURE);
add("fetchClosure of no set", () => `builtins.fetchClosure 1`, CLOSURE);

// getFlake
add("getFlake", (w) => {
  const ref = `git+file://${w.dir}/git/flake?rev=${w.revs.flake}`;
  return `let f = builtins.getFlake "${ref}"; in { inherit (f) n file same sub rev shortRev revCount lastModified lastModifiedDate names type; inputs = builtins.attrNames f.inputs; hasOutputs = f ? outputs; }`;
});
add(
  "getFlake of a local tree",
  (w) =>
    `let f = builtins.getFlake "git+file://${w.dir}/git/other"; in { inherit (f) n rev; attrs = builtins.attrNames f; }`,
  {
    differs: { reason: "C++ Nix makes a lock file in memory", ours: /requires lock file changes/ },
  },
);
add("getFlake in pure evaluation", (w) => `(builtins.getFlake "git+file://${w.dir}/git/flake?rev=${w.revs.flake}").n`, {
  pure: true,
});
add(
  "getFlake of an unlocked reference in pure evaluation",
  (w) => `builtins.getFlake "git+file://${w.dir}/git/flake"`,
  {
    pure: true,
  },
);
add(
  "getFlake of a flake without lock",
  (w) => `builtins.getFlake "git+file://${w.dir}/git/flake?rev=${w.revs.flake}&dir=unlocked"`,
  {
    pure: true,
  },
);
add("getFlake of a tree that is no flake", (w) => `builtins.getFlake "git+file://${w.dir}/git/sub?rev=${w.revs.sub}"`, {
  differs: { reason: "names the store path", ours: /does not exist$/ },
});
add(
  "getFlake with inputs in restricted evaluation",
  (w) => `(builtins.getFlake "git+file://${w.dir}/git/flake?rev=${w.revs.flake}").file`,
  { options: { "restrict-eval": "true" } },
);
add("getFlake of a relative path", () => `builtins.getFlake "./x"`);
add("getFlake with a fragment", (w) => `builtins.getFlake "git+file://${w.dir}/git/flake#x"`);
for (const name of Object.keys(ODD_FLAKES)) {
  add(`getFlake: ${name}`, (w) => `builtins.attrNames (builtins.getFlake "path:${w.dir}/${oddFlakeDir(name)}")`);
}
add("getFlake of an id", () => `builtins.getFlake "nixpkgs"`);

/** All cases. */
export const CASES: readonly FetchCase[] = cases;
