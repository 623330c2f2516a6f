// Shows that fetches start when they become known: an evaluation that needs N inputs, each of which takes a server some
// time to answer for, and when each was asked for and sent.
//
//     deno run -A tests/fetch/eager.ts [--inputs 20] [--latency 300] [--concurrency 8] [--lazy] [COMMAND...]
//
// COMMAND is what devix is called by; the sources unless given. Fails if the evaluation takes more than one and a half
// times what the latencies come to.

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { gzipSync } from "node:zlib";
import { tar } from "../../lib/fetch/archive/_fixtures.ts";
import { ownHome } from "../own_home.ts";

const options = parseArgs(Deno.args, {
  string: ["inputs", "latency", "concurrency"],
  boolean: ["lazy"],
  default: { inputs: "20", latency: "300", concurrency: "8" },
  stopEarly: true,
});
const count = Number(options.inputs);
const latency = Number(options.latency);
const concurrency = Number(options.concurrency);
const root = fromFileUrl(new URL("../../", import.meta.url));
const [command, ...args] = options._.length > 0
  ? options._.map(String)
  : [Deno.execPath(), "run", "-A", "--no-check", "--v8-flags=--stack-size=600000", `${root}cli.ts`];

interface Request {
  readonly name: string;
  readonly asked: number;
  sent: number;
}

const requests: Request[] = [];
let started = 0;
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
  const name = new URL(request.url).pathname.slice(1);
  const entry: Request = { name, asked: performance.now() - started, sent: 0 };
  requests.push(entry);
  await new Promise((resolve) => setTimeout(resolve, latency));
  entry.sent = performance.now() - started;
  return new Response(new Uint8Array(gzipSync(tar([{ name: "top/default.nix", data: `"${name}"` }]))));
});
const dir = await Deno.makeTempDir({ prefix: "devix-eager-" });
const home = ownHome();

async function run(flags: readonly string[], expr: string): Promise<{ out: string; ms: number }> {
  started = performance.now();
  requests.length = 0;
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args, "eval", "--cache-dir", `${dir}/${flags.length}`, "--json", ...flags, "-E", expr],
    env: { ...home, NO_COLOR: "1" },
  }).output();
  const ms = performance.now() - started;
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return { out: new TextDecoder().decode(stdout), ms };
}

try {
  const at = (i: number) => `http://127.0.0.1:${server.addr.port}/input-${i}`;
  const numbers = Array.from({ length: count }, (_, i) => i);
  // What they hash to, and how long a run takes that fetches nothing.
  const trees = numbers.map((i) => `(builtins.fetchTree { type = "tarball"; url = "${at(i)}"; }).narHash`);
  const flags = ["--extra-experimental-features", "fetch-tree"];
  const hashes: string[] = JSON.parse(
    (await run([...flags, "--fetch-concurrency", "64"], `[ ${trees.join(" ")} ]`)).out,
  );
  const { ms: base } = await run([], "1 + 1");
  const inputs = hashes.map((hash, i) => `(fetchTarball { url = "${at(i)}"; sha256 = "${hash}"; })`);
  const expr = `let inputs = [ ${inputs.join(" ")} ]; in builtins.deepSeq inputs (map import inputs)`;
  const { out, ms } = await run(
    ["--fetch-concurrency", String(concurrency), ...(options.lazy ? ["--no-eager-fetch"] : [])],
    expr,
  );
  if (JSON.parse(out).length !== count) throw new Error(out);
  for (const { name, asked, sent } of requests) {
    const bar = " ".repeat(Math.round(asked / 25)) + "#".repeat(Math.round((sent - asked) / 25));
    console.log(`${name.padEnd(9)} ${asked.toFixed(0).padStart(5)} ms ${sent.toFixed(0).padStart(5)} ms  ${bar}`);
  }
  const limit = 1.5 * Math.ceil(count / concurrency) * latency;
  console.log(
    `${count} inputs of ${latency} ms, ${concurrency} at once: ${ms.toFixed(0)} ms, of which ${
      base.toFixed(0)
    } ms are a run that fetches nothing; limit ${limit.toFixed(0)} ms, one after the other ${count * latency} ms`,
  );
  if (ms > limit) Deno.exitCode = 1;
} finally {
  await server.shutdown();
  await Deno.remove(dir, { recursive: true });
}
