/**
 * Jobs done warm and cold, one after the other, in a world that changes between them: whatever the background evaluator
 * has done before, it must not show.
 *
 *     deno run -A tests/warm/differential.ts [--jobs 500] [--seed 1] [--devix 'COMMAND'] [--verbose]
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { V8_FLAGS } from "../../cli/v8_flags.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));

/** What a command did. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A command line with what it is given. */
export interface Job {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/** What {@link compareJobs} found. */
export interface Comparison {
  readonly differences: readonly { readonly job: Job; readonly warm: Ran; readonly cold: Ran }[];
  /** What the background process says of itself. */
  readonly status: string;
}

/** Runs jobs both ways. */
export async function compareJobs(options: {
  readonly devix: readonly string[];
  readonly jobs: number;
  readonly seed: number;
  readonly onJob?: (job: Job, same: boolean) => void;
}): Promise<Comparison> {
  const { devix, jobs, seed, onJob } = options;
  const dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devix-warm-" }));
  const random = randomFrom(seed);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    return url.includes("missing") ? new Response("none", { status: 404 }) : new Response(`served ${url.length}`);
  });
  const world = new World(`${dir}/world`, { random, url: `http://127.0.0.1:${server.addr.port}` });
  const surroundings = (kind: string): Record<string, string> => {
    for (const name of ["cache", "run"]) Deno.mkdirSync(`${dir}/${kind}/${name}`, { recursive: true, mode: 0o700 });
    Deno.chmodSync(`${dir}/${kind}/run`, 0o700);
    return {
      XDG_CACHE_HOME: `${dir}/${kind}/cache`,
      XDG_RUNTIME_DIR: `${dir}/${kind}/run`,
      DEVIX_WARM: kind === "warm" ? "1" : "0",
      DEVIX_WARM_IDLE: "60",
      DEVIX_WARM_AFTER: "0",
    };
  };
  const warmEnv = surroundings("warm");
  const coldEnv = surroundings("cold");
  const differences: { job: Job; warm: Ran; cold: Ran }[] = [];
  const ask = (what: string) => run(devix, { args: ["warm", what], cwd: dir, env: world.constant, stdin: "" }, warmEnv);
  try {
    for (let i = 0; i < jobs; i++) {
      world.change();
      const job = world.job();
      const warm = await run(devix, job, warmEnv);
      const cold = await run(devix, job, coldEnv);
      const same = JSON.stringify(plain(warm)) === JSON.stringify(plain(cold));
      if (!same) differences.push({ job, warm, cold });
      onJob?.(job, same);
      // The first one starts it; now and then it has got ready for a job, mostly it may be at that when the next one comes.
      if (i % 8 === 0) await ask("wait");
    }
    const status = (await ask("status")).out;
    await ask("stop");
    return { differences, status };
  } finally {
    await server.shutdown();
    Deno.removeSync(dir, { recursive: true });
  }
}

/** Without what is never the same twice. */
function plain({ code, out, err }: Ran): Ran {
  const same = (text: string) =>
    text.replace(/"milliseconds":\d+/, "").replace(/^downloading '.*'\.\.\.\n/gm, "").replace(/retrying in \d+ ms/g, "")
      .replace(/\/proc\/\d+\//g, "");
  return { code, out: same(out), err: same(err) };
}

async function run(devix: readonly string[], job: Job, env: Readonly<Record<string, string>>): Promise<Ran> {
  const process = new Deno.Command(devix[0], {
    args: [...devix.slice(1), ...job.args],
    cwd: job.cwd,
    env: { ...job.env, ...env },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(job.stdin)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await process.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

type Random = (below: number) => number;

function randomFrom(seed: number): Random {
  let state = seed * 2654435761 >>> 0;
  return (below) => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return Math.floor(((state ^ state >>> 13) >>> 0) / 2 ** 32 * below);
  };
}

/** Expressions; `@` is a number that is different each time, `%` a name out of few. */
const EXPRESSIONS = [
  "1 + @",
  "{ % = @; % = 2; }",
  "[ (import ./a.nix) (import ./d) ]",
  "import ./a.nix",
  "(import ./f.nix) { x = @; }",
  "(import ./f.nix { x = @; }).y",
  "import ./broken.nix",
  "import ./maybe.nix",
  "builtins.pathExists ./maybe.nix",
  "builtins.readFile ./text",
  "builtins.attrNames (builtins.readDir ./d)",
  'builtins.getEnv "A" + builtins.getEnv "B"',
  "builtins.map (x: x.path) builtins.nixPath",
  "<p/a.nix>",
  "import <p/a.nix>",
  "builtins.currentSystem",
  "builtins.isInt builtins.currentTime",
  "builtins.currentTime - builtins.currentTime",
  'builtins.trace "said @" (import ./a.nix)',
  'builtins.trace (import ./a.nix) "said"',
  'builtins.warn "mind @" 1',
  'throw "thrown @"',
  "assert @ < 0; 1",
  "undefined_%",
  "{ }.% + 1",
  "{ % = 1; }.%",
  "1 + { }",
  "let x = x; in x",
  "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f @",
  "let f = n: 1 + f n; in f 0",
  'builtins.deepSeq { %1 = throw "one"; %2 = throw "two"; %3 = throw "three"; } 1',
  'builtins.deepSeq { %1 = builtins.trace "one" 1; %2 = builtins.trace "two" 1; } 1',
  '{ %1 = throw "one"; %2 = throw "two"; } == { %2 = 1; %1 = 1; }',
  'builtins.tryEval (builtins.deepSeq { %1 = throw "one"; %2 = abort "two"; } 1)',
  'builtins.tryEval (throw "x")',
  '(x: x.%1 or (throw "none")) { %2 = 1; }',
  "({ %1, %2 }: 1) { }",
  "({ %1 ? 1 }: %1) { %2 = 1; %3 = 1; }",
  "({ aa, ab }: 1) { }",
  'derivation { name = "n@"; system = "s"; builder = "b"; src = ./text; }',
  '(derivation { name = "n"; system = "s"; builder = "b"; a = ./d; }).outPath',
  'builtins.path { path = ./d; name = "x"; filter = path: type: type == "regular"; }',
  'builtins.toFile "t" "text @"',
  "builtins.toJSON { % = @; b = [ ./text ]; }",
  'builtins.fromJSON "{\\"%\\":@}"',
  'builtins.match "(a+)(b*)" "aab@"',
  "builtins.sort builtins.lessThan [ 3 @ 1 ]",
  'builtins.listToAttrs [ { name = "%"; value = @; } ]',
  'builtins.unsafeGetAttrPos "y" (import ./f.nix { x = 1; })',
  "builtins.functionArgs ({ %, b ? 1 }: 1)",
  'builtins.fetchurl "file:///nowhere/@"',
  'builtins.fetchurl "http://127.0.0.1:1/@"',
  'builtins.readFile (builtins.fetchurl "file://WORLD/text")',
  'builtins.readFile (builtins.fetchurl "SERVER/@")',
  'builtins.fetchurl { url = "SERVER/x"; sha256 = "0000000000000000000000000000000000000000000000000000"; }',
  'builtins.fetchurl "SERVER/missing"',
  'builtins.readDir (builtins.fetchGit { url = "WORLD"; }).outPath',
  'builtins.fetchTarball { url = "http://127.0.0.1:1/x.tar.gz"; sha256 = "0000000000000000000000000000000000000000000000000000"; }',
  "builtins.readFile /proc/self/comm",
  "~/x",
  'builtins.addErrorContext "while here" (throw "x")',
  "rec { a = 1; b = a + @; c = x: x; }",
  "x: x",
  "[ 1 (2 + @) (import ./a.nix) { a = 1 + 1; } ]",
  "with import ./f.nix { x = 1; }; y + z",
  "import ./deep.nix @",
  "1 +",
  '"${./text}"',
  'builtins.placeholder "%"',
  "builtins.scopedImport { a = @; } ./scoped.nix",
  ...[...Array(4).keys()].flatMap((i) => [
    `(import ./set {}).p${i}.drvPath`,
    `(import ./set {}).p${i}.text`,
    `let set = import ./set {}; in [ set.p${i}.name (set.all.p${(i + 1) % 4}) ]`,
    `with import ./set {}; { inherit (p${i}) name text; one = p${(i + 2) % 4}.drvPath or "none"; }`,
    `(import ./set { system = builtins.getEnv "A"; }).p${i}.drvPath`,
    `builtins.attrNames (import ./set {})`,
    `builtins.seq (import ./set {}).p${i}.text (import ./set {}).names`,
  ]),
  ...["name", "list", "set", "places", "set.deep.er", "made", "at", "size"].flatMap((name) => [
    `(import ./m).${name}`,
    `builtins.toJSON (import ./m).${name}`,
    `let m = import ./m; in [ (m.only @) m.${name} (m.shared.x or "none") ]`,
  ]),
];

/** A small system of modules: all that it says depends on all of them, and they refer to what it says. */
const SYSTEM = `let
  files = [ ./one.nix ./two.nix ];
  modules = map (file: import file { inherit config; here = file; }) files;
  merge = name: values:
    if builtins.length values == 1 || (builtins.head values) ? drvPath then builtins.head values
    else if builtins.isAttrs (builtins.head values) then builtins.zipAttrsWith merge values
    else builtins.concatLists (map (v: if builtins.isList v then v else [ v ]) values);
  config = builtins.zipAttrsWith merge modules;
in config // {
  places = builtins.mapAttrs (name: _: map (builtins.unsafeGetAttrPos name) modules) config;
  size = builtins.length (builtins.attrNames config);
}`;

/** A module of it: what is to be chosen from, part by part. The first alternatives are what it says at first. */
const MODULE: readonly (readonly string[])[] = [
  ["", "# first\n", "\n\n", "/* a\nb */ "],
  ["{ config, here, ... }:"],
  ["", " # more\n"],
  [" let n = 1;", " let n = 2;", "\nlet n = config.set.deep.er or 5;", " let m = 3; n = m;", "\n# let\nlet n = 1;"],
  [
    " f = x: x + n;",
    " f = x: n - x;",
    " f = x: # same\n x + n;",
    " f = x: { a ? n, b ? 4 }: x + a + b;",
    " f = x: y: x;",
  ],
  [" in {", " in rec {", " in with { w = 7; }; {", "\nin assert n < 6; {"],
  [' name = "a";', ' name = "b";', "  name = toString ./x;", ' name = "a${toString n}";', ""],
  [" list = [ n 2 ];", " list = [ ];", " list = [ n ] ++ [ (f 3) ];", " list = [ n 2 (throw ''three'') ];"],
  [" set = { a = 1; deep.er = 2; };", " set.a = 1;", " set = { b = n; deep = { er = 2; }; };", ""],
  ["", " set2.z = 1;", " ${config.name2 or null} = 1;", ' ${"dyn"} = x: n;'],
  [" only = f;", " only = x: f x;", "\n only = { __functor = _: f; };", " only = builtins.add n;"],
  [" shared.x = n;", " shared = { x = n; };", " shared = builtins.trace ''shared'' { x = n; };", ""],
  [' made = derivation { name = "d"; system = "s"; builder = "b"; n = toString n; };', " made = n;"],
  [" at = __curPos;", " at = here;", " at = builtins.unsafeGetAttrPos ''x'' { x = 1; };", "  at = 1;"],
  [" }", " }\n", " } // { name = 1; }", " } // import ./three.nix", " "],
];

/** A small package set: a fixpoint whose packages are files in a directory that is listed. */
const SET = `{ system ? "s" }:
let
  files = builtins.attrNames (builtins.readDir ./p);
  call = name: import (./p + "/\${name}") self;
  self = builtins.listToAttrs (map (file: {
    name = builtins.replaceStrings [ ".nix" ] [ "" ] file;
    value = call file;
  }) files) // {
    inherit system;
    names = files;
    make = attrs: derivation ({ inherit system; builder = "b"; } // attrs) // { text = toString (attrs.text or "none"); };
    try = x: (builtins.tryEval x).value;
    all = builtins.mapAttrs (_: p: p.name or "nameless") self;
  };
in self`;

/** What a package of it may be; \`@\` and \`%\` as ever, \`#\` another package's number. */
const PACKAGES = [
  'self: self.make { name = "p@"; text = "t"; }',
  'self: self.make { name = "%"; dep = self.p#; text = self.p#.name; }',
  'self: self.make { name = "%"; src = ./src; text = builtins.readFile ./src/a; }',
  'self: builtins.trace "made @" (self.make { name = "traced"; text = self.p#.text; })',
  'self: self.make { name = "%"; text = self.try (if @ < 20 then throw "small" else "large"); }',
  'self: self.make { name = if builtins.pathExists ../../maybe.nix then "there" else "absent"; text = builtins.getEnv "B"; }',
  'self: { name = throw "nameless @"; text = "@"; drvPath = "@"; }',
  'self: self.make { name = "%"; text = builtins.concatStringsSep " " (builtins.attrNames (builtins.readDir ./src)); }',
  'self: builtins.warn "old @" (self.make { name = "warned"; text = import ../../a.nix; })',
  'self: self.make { name = "eq"; text = if { a = self.p#.name; b = @; } == { a = "p1"; b = throw "b"; } then "same" else "other"; }',
  'self: self.make { name = "%"; ',
];

const NAMES = ["aa", "ab", "ba", "bb", "zeta", "alpha", "mid", "later"];

/** Files that change, and commands about them. */
class World {
  readonly #dir: string;
  readonly #random: Random;
  readonly #url: string;
  #count = 0;
  /** What may be asked again. */
  readonly #asked: Job[] = [];
  readonly constant: Readonly<Record<string, string>>;
  /** What the modules say, part by part. */
  readonly #modules = { one: MODULE.map(([first]) => first), two: MODULE.map(([first]) => first) };

  constructor(dir: string, { random, url }: { readonly random: Random; readonly url: string }) {
    this.#dir = dir;
    this.#random = random;
    this.#url = url;
    this.constant = {
      PATH: "/usr/bin:/bin",
      HOME: dir,
      NIX_REMOTE: "dummy://",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    };
    this.#write("a.nix", "1");
    this.#write("d/default.nix", "[ (import ./x.nix) ]");
    this.#write("d/x.nix", "2");
    this.#write("f.nix", '{ x }: { y = x + 1; z = x + (import ./a.nix); e = throw "e"; }');
    this.#write("broken.nix", "{ a = ; }");
    this.#write("text", "text\n");
    this.#write("scoped.nix", "a + 1");
    this.#write("deep.nix", "n: let f = i: if i == 0 then import ./a.nix else { a = f (i - 1); }; in f n");
    this.#write(
      "default.nix",
      '{ v ? 1, w ? 2 }: { inherit v w; a = import ./a.nix; t = throw "t"; d.e = [ 1 (v + w) ]; }',
    );
    this.#write("set/default.nix", SET);
    this.#write("set/p/src/a", "a");
    for (let i = 0; i < 4; i++) this.#package(i);
    this.#write("m/default.nix", SYSTEM);
    this.#write("m/three.nix", '{ three = 3; at = "three"; }');
    this.#edit("one");
    this.#edit("two");
    this.#write("other/a.nix", '"other"');
    this.#write("other/d/default.nix", '"other d"');
    this.#write("other/f.nix", '{ x }: { y = builtins.trace "other" x; z = 0; }');
    this.#write("other/default.nix", "{ a = 1; }");
  }

  #write(name: string, text: string): void {
    const path = `${this.#dir}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }

  #package(i: number): void {
    const n = this.#random(40);
    const other = (i + 1 + this.#random(3)) % 4;
    const text = this.#pick(PACKAGES).replaceAll("@", String(n)).replaceAll("%", NAMES[n % NAMES.length])
      .replaceAll("#", String(other));
    this.#write(`set/p/p${i}.nix`, text);
  }

  /** Changes a part of a module. */
  #edit(module: "one" | "two"): void {
    const parts = this.#modules[module];
    const i = this.#random(MODULE.length);
    parts[i] = this.#random(2) === 0 ? MODULE[i][0] : this.#pick(MODULE[i]);
    const text = parts.join("");
    this.#write(`m/${module}.nix`, module === "one" ? text : text.replace("only =", "also ="));
  }

  #pick<T>(all: readonly T[]): T {
    return all[this.#random(all.length)];
  }

  /** Changes something, mostly. */
  change(): void {
    const n = this.#count++;
    const name = this.#pick(NAMES);
    const gone = (path: string) => {
      try {
        Deno.removeSync(`${this.#dir}/${path}`);
      } catch {
        // It wasn't there.
      }
    };
    const changes = [
      () =>
        this.#write("a.nix", this.#pick([`${n}`, `"${name}"`, `{ ${name} = ${n}; }`, `throw "a ${n}"`, "1 +", "x: x"])),
      () => this.#write("d/x.nix", this.#pick([`${n}`, "import ../a.nix", `builtins.trace "x ${n}" 1`])),
      () => this.#write("text", `text ${n}\n`),
      () => this.#write("maybe.nix", `${n}`),
      () => gone("maybe.nix"),
      () => this.#write(`d/${name}`, ""),
      () => gone(`d/${name}`),
      () => {
        gone("maybe.nix");
        Deno.symlinkSync(this.#pick(["a.nix", "text", "nowhere"]), `${this.#dir}/maybe.nix`);
      },
      () =>
        this.#write(
          "f.nix",
          this.#pick([
            "{ x }: { y = x + 1; z = x + (import ./a.nix); }",
            `{ x, ${name} ? 3 }: { y = x + 1; z = ${name}; }`,
            '{ x }: builtins.warn "f" { y = x; z = 1; }',
          ]),
        ),
      () => Deno.chmodSync(`${this.#dir}/text`, this.#pick([0o644, 0o755])),
      () => this.#package(this.#random(4)),
      () => this.#package(this.#random(4)),
      () => this.#package(this.#random(4)),
      () => this.#edit("one"),
      () => this.#edit("one"),
      () => this.#edit("one"),
      () => this.#edit("two"),
      () => this.#write("set/p/src/a", this.#pick(["a", "b", "longer"])),
      () => this.#write(`set/p/src/${name}`, ""),
      () => gone(`set/p/src/${name}`),
      () => gone("set/p/p3.nix"),
      () => {
        gone("set/p/p3.nix");
        Deno.symlinkSync(this.#pick(["p0.nix", "p1.nix", "nowhere"]), `${this.#dir}/set/p/p3.nix`);
      },
      () => {
        Deno.renameSync(`${this.#dir}/set/p/src`, `${this.#dir}/set/p/old`);
        this.#write("set/p/src/a", this.#pick(["a", "new"]));
        Deno.removeSync(`${this.#dir}/set/p/old`, { recursive: true });
      },
      () => this.#write("set/default.nix", this.#random(2) === 0 ? SET : SET.replace('"none"', '"nothing"')),
    ];
    if (this.#random(3) > 0) this.#pick(changes)();
  }

  job(): Job {
    if (this.#asked.length > 0 && this.#random(2) === 0) return this.#askedAgain(this.#pick(this.#asked));
    const job = this.#newJob();
    this.#asked.push(job);
    if (this.#asked.length > 10) this.#asked.shift();
    return job;
  }

  /** The same, perhaps in another environment. */
  #askedAgain(job: Job): Job {
    if (this.#random(5) > 0) return job;
    return { ...job, env: { ...job.env, [this.#pick(["A", "B"])]: this.#pick(["1", "3", ""]) } };
  }

  #newJob(): Job {
    const n = this.#random(40);
    const names = () => this.#pick(NAMES);
    const expression = this.#pick(EXPRESSIONS).replaceAll("@", String(n)).replaceAll("WORLD", this.#dir).replaceAll(
      "SERVER",
      this.#url,
    )
      .replace(/%(\d?)/g, (_, i) => i === "" ? names() : NAMES[(n + Number(i) * 3) % NAMES.length]);
    const env: Record<string, string> = { ...this.constant };
    if (this.#random(3) === 0) env.A = this.#pick(["1", "2", "ä"]);
    if (this.#random(4) === 0) env.NIX_PATH = `p=${this.#dir}${this.#pick(["", "/other"])}`;
    if (this.#random(8) === 0) env.NIX_CONFIG = this.#pick(["show-trace = true", "pure-eval = true", "nonsense = 1"]);
    if (this.#random(8) === 0) env.HOME = `${this.#dir}/other`;
    if (this.#random(10) === 0) env.NO_COLOR = "1";
    const more: string[] = ["--option", "download-attempts", "1"];
    const maybe = (chance: number, ...flags: string[]) => {
      if (this.#random(chance) === 0) more.push(...flags);
    };
    maybe(4, "--show-trace");
    maybe(6, "-I", `p=${this.#dir}/other`);
    maybe(8, "--arg", "v", this.#pick(["3", "import ./a.nix", 'throw "v"', "1 +"]));
    maybe(10, "--argstr", "w", "four");
    maybe(12, "--option", "max-call-depth", "50");
    maybe(20, "--option", "pure-eval", "true");
    maybe(20, "--option", "restrict-eval", "true");
    maybe(15, "-v");
    maybe(15, "-vv");
    maybe(20, "--option", "abort-on-warn", "true");
    maybe(25, "--log-format", "internal-json");
    maybe(40, "--nonsense");
    const attr = this.#random(6) === 0 ? ["-A", this.#pick(["a", "v", "t", "d.e", "d.e.1", "none", "y"])] : [];
    const what = this.#random(4) === 0
      ? [this.#pick(["default.nix", "f.nix", "a.nix", ".", "none.nix"])]
      : ["-E", expression];
    const command = this.#pick<readonly string[]>([
      ["eval"],
      ["eval", "--json"],
      ["eval", "--pure"],
      ["eval", "--raw"],
      ["instantiate", "--dry-run"],
      ["instantiate", "--dry-run", "--json"],
      ["instantiate", "--dry-run", "--json", "--keep-going"],
      ["nix-instantiate", "--eval"],
      ["nix-instantiate", "--eval", "--strict"],
      ["nix-instantiate", "--eval", "--strict", "--json"],
      ["nix-instantiate", "--eval", "--xml"],
      ["nix-instantiate", "--dry-run"],
      ["nix-instantiate", "--parse"],
    ]);
    const isStdin = command[0] === "nix-instantiate" && this.#random(8) === 0;
    return {
      args: [...command, ...more, ...(isStdin ? ["-"] : [...what, ...attr])],
      cwd: this.#pick([this.#dir, this.#dir, `${this.#dir}/other`]),
      env,
      stdin: isStdin ? expression : "",
    };
  }
}

/** The program from its sources, as a test runs it. */
export const FROM_SOURCES: readonly string[] = Deno.env.get("DEVIX")?.split(" ") ??
  [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}cli.ts`];

if (import.meta.main) {
  const { jobs, seed, devix, verbose } = parseArgs(Deno.args, {
    string: ["jobs", "seed", "devix"],
    boolean: ["verbose"],
    default: { jobs: "500", seed: "1" },
  });
  const { differences, status } = await compareJobs({
    devix: devix?.split(" ") ?? FROM_SOURCES,
    jobs: Number(jobs),
    seed: Number(seed),
    onJob: (job, same) => {
      if (verbose || !same) console.log(same ? "same" : "DIFFERENT", JSON.stringify(job.args));
    },
  });
  for (const difference of differences) console.log(difference);
  console.log(status);
  console.log(`${jobs} jobs, ${differences.length} different`);
  Deno.exit(differences.length === 0 ? 0 : 1);
}
