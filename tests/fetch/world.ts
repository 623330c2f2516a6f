// What the fetch tests fetch: files, archives and repositories in a temporary folder, and servers for them. Everything has
// fixed contents, names and dates, so that hashes are the same on every machine.

import { fromFileUrl } from "@std/path";
import { gzipSync } from "node:zlib";
import { ODD_FLAKES, oddFlakeDir } from "./flakes.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const DATE = "2020-02-02T02:02:02Z";

/** Places and commits of a world. */
export interface World {
  readonly dir: string;
  readonly http: string;
  readonly https: string;
  /** Commits by name. */
  readonly revs: Readonly<Record<string, string>>;
  /** The CA of the server's certificate. */
  readonly caFile: string;
  /** What was asked of the servers since the last time: "GET /path authorization". */
  requests(): string[];
  close(): Promise<void>;
}

/** Makes a world. With `anyPort` its forge is not at port 443. */
export async function openWorld(options: { readonly anyPort?: boolean } = {}): Promise<World> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "devix-world-" }));
  const revs: Record<string, string> = {};
  makeFiles(dir);
  makeRepositories(dir, revs);
  if (hasProgram("hg")) makeMercurial(dir, revs);
  const worker = new Worker(new URL("./server_worker.ts", import.meta.url).href, { type: "module" });
  const caFile = `${ROOT}testdata/fetch/tls/ca.pem`;
  const urls = await new Promise<{ http: string; https: string }>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    const read = (name: string) => Deno.readTextFileSync(`${ROOT}testdata/fetch/tls/${name}`);
    worker.postMessage({
      dir,
      anyPort: options.anyPort ?? false,
      tls: { cert: read("cert.pem"), key: read("key.pem") },
    });
  });
  return {
    dir,
    ...urls,
    revs,
    caFile,
    requests() {
      const reply = new SharedArrayBuffer(1 << 20);
      worker.postMessage({ ask: "log", reply });
      const header = new Int32Array(reply, 0, 2);
      Atomics.wait(header, 0, 0, 10_000);
      return JSON.parse(new TextDecoder().decode(new Uint8Array(reply, 8, header[1]).slice()));
    },
    async close() {
      worker.terminate();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

function makeFiles(dir: string): void {
  Deno.mkdirSync(`${dir}/files`);
  const archives = `${ROOT}testdata/fetch/archives`;
  for (const { name } of Deno.readDirSync(archives)) Deno.copyFileSync(`${archives}/${name}`, `${dir}/files/${name}`);
  Deno.copyFileSync(`${archives}/plain.tar.gz`, `${dir}/files/no-extension`);
  Deno.writeTextFileSync(`${dir}/files/hello.txt`, "hello world\n");
  Deno.writeTextFileSync(`${dir}/files/odd name.txt`, "odd\n");
  Deno.copyFileSync(`${archives}/plain.tar.gz`, `${dir}/files/naïve ☃.tar.gz`);
  Deno.writeTextFileSync(`${dir}/files/empty`, "");
  Deno.writeTextFileSync(`${dir}/files/page.html`, "<!doctype html><title>no archive</title>".padEnd(2000));
  const archive = Deno.readFileSync(`${archives}/gnu.tar`);
  Deno.writeFileSync(`${dir}/files/cut.tar.gz`, gzipSync(archive).subarray(0, 200));
  const damaged = gzipSync(archive);
  damaged[100] ^= 0xff;
  Deno.writeFileSync(`${dir}/files/damaged.tar.gz`, damaged);
  const tree = `${dir}/tree`;
  Deno.mkdirSync(`${tree}/sub`, { recursive: true });
  Deno.writeTextFileSync(`${tree}/default.nix`, "{ value = 42; }\n");
  Deno.writeTextFileSync(`${tree}/sub/run.sh`, "#!/bin/sh\n", { mode: 0o755 });
  Deno.symlinkSync("default.nix", `${tree}/link`);
  const stamp = new Date("2001-01-01T00:00:00Z");
  for (const path of ["/default.nix", "/sub/run.sh", "/sub", ""]) Deno.utimeSync(tree + path, stamp, stamp);
  git(dir, ["-c", "core.symlinks=true", "version"]);
  new Deno.Command("touch", { args: ["-h", "-d", "2001-01-01T00:00:00Z", `${tree}/link`] }).outputSync();
  Deno.utimeSync(tree, stamp, stamp);
}

/** Runs git with nothing of the user's. */
export function git(dir: string, args: readonly string[]): string {
  const { success, stdout, stderr } = new Deno.Command("git", {
    args: ["-C", dir, "-c", "protocol.file.allow=always", ...args],
    env: {
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_AUTHOR_NAME: "A",
      GIT_AUTHOR_EMAIL: "a@example.org",
      GIT_AUTHOR_DATE: DATE,
      GIT_COMMITTER_NAME: "C",
      GIT_COMMITTER_EMAIL: "c@example.org",
      GIT_COMMITTER_DATE: DATE,
      HOME: "/nonexistent",
    },
  }).outputSync();
  if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}

function commit(dir: string, files: Readonly<Record<string, string | null>>, message: string): string {
  for (const [path, text] of Object.entries(files)) {
    const slash = path.lastIndexOf("/");
    if (slash > 0) Deno.mkdirSync(`${dir}/${path.slice(0, slash)}`, { recursive: true });
    if (text === null) Deno.removeSync(`${dir}/${path}`);
    else if (text.startsWith("-> ")) Deno.symlinkSync(text.slice(3), `${dir}/${path}`);
    else Deno.writeTextFileSync(`${dir}/${path}`, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
  }
  git(dir, ["add", "-A"]);
  git(dir, ["commit", "-q", "-m", message]);
  return git(dir, ["rev-parse", "HEAD"]);
}

function init(dir: string): void {
  Deno.mkdirSync(dir, { recursive: true });
  git(dir, ["-c", "init.defaultBranch=main", "init", "-q"]);
}

function makeRepositories(dir: string, revs: Record<string, string>): void {
  const repo = `${dir}/git/repo`;
  init(repo);
  revs.first = commit(repo, {
    "README": "first\n",
    "run.sh": "#!/bin/sh\necho run\n",
    "lib/default.nix": "{ n = 1; }\n",
    "link": "-> lib/default.nix",
    "secret/key": "do not export\n",
    "notes.txt": "ignored\n",
    ".gitattributes": "secret export-ignore\n*.txt export-ignore\nlib/** text\n",
  }, "first");
  git(repo, ["tag", "-a", "v1", "-m", "one"]);
  git(repo, ["tag", "light"]);
  revs.second = commit(repo, { "README": "second\n", "more": "more\n" }, "second");
  git(repo, ["checkout", "-q", "-b", "dev", "v1"]);
  revs.dev = commit(repo, { "dev": "dev\n" }, "dev");
  git(repo, ["checkout", "-q", "-b", "feature/x", "main"]);
  revs.feature = commit(repo, { "feature": "x\n" }, "feature");
  git(repo, ["checkout", "-q", "main"]);
  // A commit that no branch leads to.
  git(repo, ["checkout", "-q", "--detach"]);
  revs.hidden = commit(repo, { "hidden": "h\n" }, "hidden");
  git(repo, ["update-ref", "refs/odd/place", revs.hidden]);
  git(repo, ["checkout", "-q", "main"]);

  git(dir, ["clone", "-q", "--bare", "git/repo", "git/bare.git"]);
  git(dir, ["clone", "-q", "--depth", "1", `file://${repo}`, "shallow"]);

  const plain = `${dir}/git/plain`;
  init(plain);
  revs.plain = commit(plain, { "default.nix": "{ plain = true; }\n", "dir/file": "file\n" }, "plain");

  const sub = `${dir}/git/sub`;
  init(sub);
  revs.sub = commit(sub, { "sub.txt": "sub\n" }, "sub");
  const superRepo = `${dir}/git/super`;
  init(superRepo);
  commit(superRepo, { "top": "top\n" }, "top");
  git(superRepo, ["submodule", "--quiet", "add", "../sub", "modules/sub"]);
  git(superRepo, ["commit", "-q", "-m", "submodule"]);
  revs.super = git(superRepo, ["rev-parse", "HEAD"]);

  const dirty = `${dir}/dirty`;
  git(dir, ["clone", "-q", "git/plain", "dirty"]);
  Deno.writeTextFileSync(`${dirty}/default.nix`, "{ plain = false; }\n");
  Deno.writeTextFileSync(`${dirty}/untracked`, "untracked\n");
  Deno.writeTextFileSync(`${dirty}/added`, "added\n");
  git(dirty, ["add", "added"]);
  git(dirty, ["rm", "-q", "dir/file"]);

  git(dir, ["clone", "-q", "git/plain", "clean"]);
  Deno.writeTextFileSync(`${dir}/clean/untracked`, "untracked\n");
  git(dir, ["clone", "-q", "git/plain", "detached"]);
  git(`${dir}/detached`, ["checkout", "-q", "--detach"]);
  init(`${dir}/unborn`);
  Deno.writeTextFileSync(`${dir}/unborn/file`, "unborn\n");
  git(`${dir}/unborn`, ["add", "file"]);
  init(`${dir}/void`);
  git(dir, ["clone", "-q", "--recurse-submodules", "git/super", "super-clean"]);
  git(dir, ["clone", "-q", "--recurse-submodules", "git/super", "super-dirty"]);
  Deno.writeTextFileSync(`${dir}/super-dirty/modules/sub/sub.txt`, "changed\n");

  makeUnseenChanges(dir);
  makeLinked(dir);
  makeOddFormats(dir);
  makeIgnored(dir);
  makeQuoted(dir);
  makeFlakes(dir, revs);
  makeOddFlakes(dir);
}

/** Working trees with what git doesn't see, or was told not to look at. */
function makeUnseenChanges(dir: string): void {
  const change = (name: string, make: (repo: string) => void) => {
    const repo = `${dir}/unseen/${name}`;
    git(dir, ["clone", "-q", "git/plain", repo]);
    make(repo);
  };
  const tell = (repo: string, flag: string) => {
    Deno.writeTextFileSync(`${repo}/told`, "told\n");
    git(repo, ["add", "-N", "told"]);
    git(repo, ["update-index", flag, "told"]);
  };
  const edit = (repo: string) => Deno.writeTextFileSync(`${repo}/default.nix`, "{ plain = null; }\n");
  const checkOutAgain = (repo: string) => {
    Deno.removeSync(`${repo}/default.nix`);
    git(repo, ["checkout", "-q", "default.nix"]);
  };
  for (const flag of ["assume-unchanged", "skip-worktree"]) {
    change(`told-${flag}`, (repo) => tell(repo, `--${flag}`));
    change(`edited-${flag}`, (repo) => {
      git(repo, ["update-index", `--${flag}`, "default.nix"]);
      edit(repo);
    });
    change(`gone-${flag}`, (repo) => {
      git(repo, ["update-index", `--${flag}`, "dir/file"]);
      Deno.removeSync(`${repo}/dir`, { recursive: true });
    });
    change(`added-${flag}`, (repo) => {
      Deno.writeTextFileSync(`${repo}/added`, "added\n");
      git(repo, ["add", "added"]);
      git(repo, ["update-index", `--${flag}`, "added"]);
    });
  }
  change("sparse", (repo) => git(repo, ["sparse-checkout", "set", "--no-cone", "/default.nix"]));
  change("sparse-edited", (repo) => {
    git(repo, ["sparse-checkout", "set", "--no-cone", "/default.nix"]);
    edit(repo);
  });
  change("modes", (repo) => {
    git(repo, ["config", "core.fileMode", "false"]);
    Deno.chmodSync(`${repo}/default.nix`, 0o755);
  });
  change("pipes", (repo) => {
    for (const name of ["default.nix", "dir/file"]) {
      Deno.removeSync(`${repo}/${name}`);
      new Deno.Command("mkfifo", { args: [`${repo}/${name}`] }).outputSync();
    }
    Deno.writeTextFileSync(`${repo}/kept`, "kept\n");
    git(repo, ["add", "kept"]);
  });
  change("attributes", (repo) => {
    Deno.writeTextFileSync(`${repo}/.git/info/attributes`, "* text eol=crlf\n");
    checkOutAgain(repo);
  });
  const conflict = (repo: string) => {
    git(repo, ["rm", "-q", "--cached", "default.nix"]);
    const id = git(repo, ["hash-object", "-w", "dir/file"]);
    // Deleted by us, changed by them.
    const stages = [1, 3].map((stage) => `100644 ${id} ${stage}\tdefault.nix\n`).join("");
    Deno.writeTextFileSync(`${repo}/.git/stages`, stages);
    const command = 'git -C "$0" update-index --index-info < "$0/.git/stages"';
    new Deno.Command("sh", { args: ["-c", command, repo] }).outputSync();
  };
  change("conflict", conflict);
  change("conflict-gone", (repo) => {
    conflict(repo);
    Deno.removeSync(`${repo}/default.nix`);
  });
  change("conflict-gone-submodules", (repo) => {
    Deno.writeTextFileSync(`${repo}/.gitmodules`, '[submodule "s"]\n\tpath = s\n');
    conflict(repo);
    Deno.removeSync(`${repo}/default.nix`);
  });
  change("replaced", (repo) => {
    const other = git(repo, ["hash-object", "-w", "dir/file"]);
    git(repo, ["replace", git(repo, ["rev-parse", "HEAD:default.nix"]), other]);
  });
  change("untracked-attributes", (repo) => {
    Deno.writeTextFileSync(`${repo}/.gitattributes`, "* text eol=crlf\n");
    checkOutAgain(repo);
  });
}

/** Attributes that git and libgit2 read differently; checked out as they are, and with a change. */
/** Repositories behind symlinks: `linked/NAME` are symlinks, `linked-above` one to what holds repositories. */
function makeLinked(dir: string): void {
  Deno.mkdirSync(`${dir}/linked`);
  git(dir, ["clone", "-q", "git/plain", "gone"]);
  Deno.removeSync(`${dir}/gone/default.nix`);
  for (const name of ["clean", "dirty", "gone", "unborn", "void", "super-clean", "super-dirty"]) {
    Deno.symlinkSync(`../${name}`, `${dir}/linked/${name}`);
  }
  Deno.symlinkSync("../none", `${dir}/linked/nowhere`);
  Deno.symlinkSync(".", `${dir}/linked-above`);
}

/** Repositories that libgit2 can't read, or git reads otherwise. */
function makeOddFormats(dir: string): void {
  const make = (name: string, settings: Readonly<Record<string, string>>) => {
    const repo = `${dir}/formats/${name}`;
    git(dir, ["clone", "-q", "git/plain", repo]);
    for (const [key, value] of Object.entries(settings)) git(repo, ["config", key, value]);
    return repo;
  };
  git(dir, ["init", "-q", "--object-format=sha256", "formats/sha256"]);
  make("unknown", { "core.repositoryFormatVersion": "1", "extensions.nobodyKnows": "x" });
  make("ignored", { "core.repositoryFormatVersion": "0", "extensions.nobodyKnows": "x" });
  make("partial", { "core.repositoryFormatVersion": "1", "extensions.partialClone": "origin" });
  make("known", {
    "core.repositoryFormatVersion": "1",
    "extensions.noop": "true",
    "extensions.preciousObjects": "true",
  });
  make("newer", { "core.repositoryFormatVersion": "2" });
  const old = make("old", {});
  const tree = git(old, ["rev-parse", "HEAD^{tree}"]);
  const at = (name: string, time: string) => {
    Deno.writeTextFileSync(`${old}/.git/commit`, `tree ${tree}\nauthor A <a> 1 +0000\ncommitter C <c> ${time}\n\nx\n`);
    const id = git(old, ["hash-object", "-w", "--literally", "-t", "commit", ".git/commit"]);
    git(old, ["update-ref", `refs/heads/${name}`, id]);
  };
  at("before-1970", "-5 +0000");
  at("no-zone", "1234");
}

function makeQuoted(dir: string): void {
  const repo = `${dir}/git/quoted`;
  init(repo);
  const lines = [
    '"kept a" export-ignore',
    '"kept" export-ignore',
    "gone\\ b export-ignore",
    "gone-c export-ignore # text",
    "gone-d export-ignore=",
    "gone-e export-ignore inva$lid",
    "[attr] mac export-ignore",
    "kept-f mac",
    "[attr]named export-ignore",
    "gone-h named",
    "kept-g export-ignore=x",
  ];
  const files = [
    "kept a",
    "kept",
    "gone b",
    "gone-c",
    "gone-d",
    "gone-e",
    "kept-f",
    "kept-g",
    "gone-h",
    "a",
    "t",
    "d/t",
    "d/kept a",
  ];
  commit(repo, {
    ".gitattributes": lines.map((line) => `${line}\n`).join(""),
    "d/.gitattributes": "[attr] own export-ignore\r\nt own # \r\n",
    ...Object.fromEntries(files.map((path) => [path, `${path}\n`])),
  }, "quoted");
  git(dir, ["clone", "-q", "git/quoted", "quoted-dirty"]);
  Deno.writeTextFileSync(`${dir}/quoted-dirty/t`, "changed\n");
}

/** Directories with `export-ignore`: checked out as they are, with a change, and with a directory missing. */
function makeIgnored(dir: string): void {
  const repo = `${dir}/git/ignored`;
  init(repo);
  const patterns = ["k/", "/r/", "**/w/", "a/b/", ".hid/", "e/*", "n/x", "n/y", "link/", "top/"];
  const files = [
    "k/f",
    "d/k/f",
    "r/f",
    "d/r/f",
    "w/f",
    "d/w/f",
    "a/b/f",
    "d/a/b/f",
    ".hid/f",
    "e/f",
    "e/s/f",
    "n/x",
    "n/y",
  ];
  commit(repo, {
    ".gitattributes": patterns.map((pattern) => `${pattern} export-ignore\n`).join(""),
    ...Object.fromEntries([...files, "s/d/f", "top"].map((path) => [path, `${path}\n`])),
    "s/.gitattributes": "*/ export-ignore\n",
    "link": "-> r",
  }, "ignored");
  for (const name of ["dirty", "gone"]) git(dir, ["clone", "-q", "git/ignored", `ignored-${name}`]);
  Deno.writeTextFileSync(`${dir}/ignored-dirty/top`, "changed\n");
  Deno.removeSync(`${dir}/ignored-gone/k`, { recursive: true });
}

function makeFlakes(dir: string, revs: Record<string, string>): void {
  const flake = `${dir}/git/flake`;
  init(flake);
  const lockedPlain = {
    flake: false,
    locked: {
      type: "git",
      url: `file://${dir}/git/plain`,
      rev: revs.plain,
      revCount: 1,
      lastModified: 1580608922,
    },
    original: { type: "git", url: `file://${dir}/git/plain` },
  };
  const lock = {
    version: 7,
    root: "root",
    nodes: {
      root: { inputs: { other: "other", plain: "plain_2", again: ["other", "plain"], sub: "sub" } },
      other: {
        inputs: { plain: "plain" },
        locked: { type: "git", url: `file://${dir}/git/other`, rev: "OTHER", revCount: 1, lastModified: 1580608922 },
        original: { type: "git", url: `file://${dir}/git/other` },
      },
      plain: lockedPlain,
      plain_2: lockedPlain,
      sub: {
        locked: { type: "path", path: "./sub" },
        original: { type: "path", path: "./sub" },
        parent: [],
      },
    },
  };
  const other = `${dir}/git/other`;
  init(other);
  revs.other = commit(other, {
    "flake.nix":
      `{ inputs.plain = { url = "git+file://${dir}/git/plain"; flake = false; }; outputs = { self, plain }: { n = 5; file = builtins.readFile (plain + "/dir/file"); }; }\n`,
  }, "other");
  lock.nodes.other.locked.rev = revs.other;
  revs.flake = commit(flake, {
    "flake.nix": `{
  description = "a flake";
  inputs.other.url = "git+file://${dir}/git/other";
  inputs.plain = { url = "git+file://${dir}/git/plain"; flake = false; };
  inputs.again.follows = "other/plain";
  inputs.sub.url = "path:./sub";
  outputs = { self, other, plain, again, sub }: {
    n = other.n + 1;
    file = builtins.readFile (plain + "/dir/file");
    same = plain.outPath == again.outPath;
    sub = sub.value;
    inherit (self) rev shortRev revCount lastModified lastModifiedDate;
    names = builtins.attrNames self.inputs;
    type = self._type;
  };
}
`,
    "sub/flake.nix": `{ outputs = { self }: { value = "sub"; }; }\n`,
    "flake.lock": JSON.stringify(lock, null, 2) + "\n",
    "unlocked/flake.nix": `{ inputs.plain.url = "git+file://${dir}/git/plain"; outputs = { self, plain }: { }; }\n`,
  }, "flake");
}

function makeOddFlakes(dir: string): void {
  for (const [name, { nix, lock }] of Object.entries(ODD_FLAKES)) {
    const flake = `${dir}/${oddFlakeDir(name)}`;
    Deno.mkdirSync(flake, { recursive: true });
    Deno.writeTextFileSync(`${flake}/flake.nix`, nix);
    if (lock !== undefined) Deno.writeTextFileSync(`${flake}/flake.lock`, lock);
  }
}

/** Whether there is a program of that name. */
export function hasProgram(name: string): boolean {
  try {
    return new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function makeMercurial(dir: string, revs: Record<string, string>): void {
  const hg = (repo: string, ...args: string[]): string => {
    const { success, stdout, stderr } = new Deno.Command("hg", {
      args: ["-R", `${dir}/hg/${repo}`, "--cwd", `${dir}/hg/${repo}`, ...args],
      env: { HGPLAIN: "1", HGRCPATH: "/dev/null", HGUSER: "A <a@example.org>" },
    }).outputSync();
    if (!success) throw new Error(`hg ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  };
  const write = (path: string, text: string, mode = 0o644) => {
    Deno.mkdirSync(`${dir}/hg/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${dir}/hg/${path}`, text, { mode });
  };
  const commit = (repo: string, message: string) => {
    hg(repo, "commit", "-A", "-q", "-m", message, "-d", "1580608922 0");
    return hg(repo, "log", "-r", ".", "--template", "{node}");
  };
  for (const repo of ["plain", "dirty"]) {
    Deno.mkdirSync(`${dir}/hg/${repo}`, { recursive: true });
    hg(repo, "init");
    write(`${repo}/default.nix`, "{ hg = true; }\n");
    write(`${repo}/sub/run.sh`, "#!/bin/sh\n", 0o755);
    Deno.symlinkSync("default.nix", `${dir}/hg/${repo}/link`);
    revs.hgFirst = commit(repo, "first");
  }
  write("plain/more", "more\n");
  revs.hgSecond = commit("plain", "second");
  hg("plain", "branch", "-q", "dev");
  write("plain/dev", "dev\n");
  revs.hgDev = commit("plain", "dev");
  hg("plain", "update", "-q", "default");
  write("dirty/default.nix", "{ hg = false; }\n");
  write("dirty/added", "added\n");
  hg("dirty", "add", "-q", "added");
  write("dirty/untracked", "untracked\n");
  Deno.removeSync(`${dir}/hg/dirty/sub/run.sh`);
  hg("dirty", "remove", "-q", "sub/run.sh");
}
