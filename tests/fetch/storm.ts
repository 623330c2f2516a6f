// Kills runs that fetch, at random moments, and looks at what they leave: the next run has to succeed, with the same
// answer, and the cache has to be clean. Then several processes fetch the same things into one cache at once.
//
//     deno run -A tests/fetch/storm.ts [--kills 50] [--processes 4] [--seed N] [COMMAND...]
//
// COMMAND is what devix is called by; the sources unless given.

import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { gzipSync } from "node:zlib";
import { tar } from "../../lib/fetch/archive/_fixtures.ts";
import { ownHome } from "../own_home.ts";
import { git } from "./world.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

const env = {
  ...ownHome(),
  NO_COLOR: "1",
  _NIX_FORCE_HTTP: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};

/** How much there is to be done. */
export interface StormOptions {
  readonly kills: number;
  readonly processes: number;
  readonly seed: number;
  /** What devix is called by. */
  readonly command: readonly string[];
  readonly say: (line: string) => void;
}

/** Runs the sources. */
export const FROM_SOURCE: readonly string[] = [
  Deno.execPath(),
  "run",
  "-A",
  "--no-check",
  "--v8-flags=--stack-size=600000",
  `${ROOT}cli.ts`,
];

/** Fails if a run after a killed one fails, tells something else, or leaves something wrong in the cache. */
export async function storm(options: StormOptions): Promise<void> {
  const { kills, processes, say } = options;
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "devix-storm-" }));
  const server = serveBodies();
  try {
    makeRepository(`${dir}/repo`);
    const inputs = [
      ...[1, 2, 3, 4, 5, 6].map((i) => `http://127.0.0.1:${server.addr.port}/${i}.tar.gz`),
      ...[7, 8].map((i) => `file+http://127.0.0.1:${server.addr.port}/${i}`),
      ...["main", "side"].map((ref) => `git+file://${dir}/repo?ref=${ref}`),
    ];
    const devix = (cache: string, args: readonly string[]) => run(options.command, [...args, "--cache-dir", cache]);
    const fetch = (cache: string) => devix(cache, ["fetch", ...inputs]);
    const started = performance.now();
    const wanted = await succeed(fetch(`${dir}/first`));
    const usual = performance.now() - started;
    say(`${inputs.length} inputs take ${usual.toFixed(0)} ms`);
    const numbers = random(options.seed);
    let killed = 0;
    for (let i = 0; i < kills; i++) {
      // Half begin with what the one before has left, which is all there is.
      const cache = `${dir}/cache-${i % 2 === 0 ? i : i - 1}`;
      const victim = fetch(cache);
      const after = numbers.next().value! * usual * (i % 2 === 0 ? 1 : 0.5);
      await new Promise((resolve) => setTimeout(resolve, after));
      try {
        victim.child.kill("SIGKILL");
      } catch {
        // It was quicker.
      }
      if ((await victim.output).signal !== null) killed++;
      const again = await succeed(fetch(cache));
      assertEquals(again, wanted, `after a kill at ${after.toFixed(0)} ms`);
      const found = JSON.parse(await succeed(devix(cache, ["cache", "verify", "--json"])));
      assertEquals([found.damaged, found.missing], [[], []]);
      assertEquals([...Deno.readDirSync(`${cache}/fetch/tmp`)].map(({ name }) => name), [], "scratch files are left");
      if (i % 2 === 1) await Deno.remove(cache, { recursive: true });
    }
    say(`${kills} runs, ${killed} of them killed: the next ones succeeded, caches are clean`);
    const together = `${dir}/together`;
    const answers = await Promise.all(Array.from({ length: processes }, () => succeed(fetch(together))));
    for (const answer of answers) assertEquals(answer, wanted);
    const found = JSON.parse(await succeed(devix(together, ["cache", "verify", "--json"])));
    assertEquals([found.damaged, found.missing], [[], []]);
    say(`${processes} processes at once agree; the cache has ${found.trees} trees and is clean`);
  } finally {
    await server.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
}

function run(command: readonly string[], args: readonly string[]) {
  const child = new Deno.Command(command[0], {
    args: [...command.slice(1), ...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return { child, output: child.output() };
}

async function succeed(running: ReturnType<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await running.output;
  const lines = new TextDecoder().decode(stderr).split("\n").filter((line) => !line.startsWith("unpacking"));
  if (code !== 0) throw new Error(`exit code ${code}: ${lines.join("\n")}`);
  return new TextDecoder().decode(stdout);
}

/** Serves archives and files of some 100 KB, in pieces. */
function serveBodies(): Deno.HttpServer<Deno.NetAddr> {
  const bodies = new Map<string, Uint8Array>();
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const name = new URL(request.url).pathname;
    let body = bodies.get(name);
    if (body === undefined) {
      const numbers = random(name.charCodeAt(1));
      const data = Uint8Array.from({ length: 150_000 }, () => numbers.next().value! * 256);
      body = name.endsWith(".gz") ? new Uint8Array(gzipSync(tar([{ name: "top/a", data }, { name: "top/b" }]))) : data;
      bodies.set(name, body);
    }
    const whole = body;
    const pieces = async function* () {
      for (let at = 0; at < whole.length; at += 20_000) {
        yield whole.slice(at, at + 20_000);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    return new Response(ReadableStream.from(pieces()), { headers: { etag: `"${name}"` } });
  });
}

function makeRepository(dir: string): void {
  Deno.mkdirSync(dir);
  git(dir, ["-c", "init.defaultBranch=main", "init", "-q"]);
  const commit = (n: number) => {
    for (let i = 0; i < 50; i++) Deno.writeTextFileSync(`${dir}/file-${i}`, `${n} ${i}\n`.repeat(200));
    git(dir, ["add", "-A"]);
    git(dir, ["commit", "-q", "-m", String(n)]);
  };
  for (let n = 0; n < 10; n++) commit(n);
  git(dir, ["checkout", "-q", "-b", "side"]);
  commit(10);
}

/** A fixed sequence of numbers below 1. */
function* random(seed: number): Generator<number> {
  for (;;) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    yield seed / 2 ** 32;
  }
}

if (import.meta.main) {
  const { _: command, ...options } = parseArgs(Deno.args, {
    string: ["kills", "processes", "seed"],
    default: { kills: "50", processes: "4", seed: String(Date.now() % 100_000) },
    stopEarly: true,
  });
  console.log(`seed ${options.seed}`);
  await storm({
    kills: Number(options.kills),
    processes: Number(options.processes),
    seed: Number(options.seed),
    command: command.length > 0 ? command.map(String) : FROM_SOURCE,
    say: console.log,
  });
}
