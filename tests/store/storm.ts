/**
 * Kills devix, or the daemon it writes through, at random moments: whatever the moment, nothing that isn't complete is
 * registered, nothing that was is lost, and the next run goes on from there.
 *
 *     deno task storm [--kills 50] [--victim devix|daemon] [--store local|BIN] [--chains 60] [--seed 1]
 *
 * BIN is the folder of an installation of Nix, whose daemon is then written through (and checks the store). Ends with an
 * error at the first violation.
 */
import { parseArgs } from "@std/cli/parse-args";
import { assert, assertEquals } from "@std/assert";
import { LocalStore } from "../../lib/store/mod.ts";
import {
  NIX_PROGRAMS,
  type NixPrograms,
  type RunningDaemon,
  runNix,
  startDaemon,
  TestFolder,
} from "../../lib/store/_nix.ts";
import { verifyStore } from "../../lib/store/local/verify.ts";
import { manyDerivations, pathCount, runDevix, type Running, startDevix } from "./process.ts";

/** What is to be killed, how often, while what is written where. */
export interface StormOptions {
  readonly kills: number;
  readonly victim: "devix" | "daemon";
  /** Absent for a store of our own. */
  readonly nix?: NixPrograms;
  /** How much is written: see `manyDerivations`. */
  readonly chains: number;
  readonly seed: number;
  readonly onRound?: (line: string) => void;
}

/** What came of it. */
export interface StormResult {
  /** Kills that found the victim alive. */
  readonly hits: number;
  /** Of these, those after which some but not all was registered. */
  readonly partial: number;
}

/** Kills for a while, then lets one run complete. @throws {AssertionError} at a violation */
export async function storm(options: StormOptions): Promise<StormResult> {
  const { kills, victim, nix, chains, onRound = () => {} } = options;
  const folder = new TestFolder();
  const random = randomNumbers(options.seed);
  const expr = manyDerivations(chains);
  const total = pathCount(chains);
  let daemon: RunningDaemon | undefined;
  let generation = 0;
  let before = new Set<string>();
  const root = () => nix === undefined ? `${folder.path}/g${generation}` : `${folder.path}/g${generation}/root`;
  const open = async () => {
    Deno.mkdirSync(`${folder.path}/g${generation}`, { recursive: true });
    if (nix === undefined) return `local:${root()}`;
    daemon ??= await startDaemon(nix, `${folder.path}/g${generation}`);
    return `unix:${daemon.socket}`;
  };
  let hits = 0;
  let partial = 0;
  try {
    const first = startDevix(["instantiate", "--store", await open(), "-E", expr]);
    const usual = await work(first);
    assertEquals((await first.ended).code, 0);
    for (let round = 0; round < kills; round++) {
      if (before.size === total || round === 0) {
        // All is there: begin with an empty store.
        if (daemon !== undefined) await killDaemon(daemon);
        daemon = undefined;
        generation++;
        before = new Set();
      }
      const running = startDevix(["instantiate", "--store", await open(), "-E", expr]);
      // Not before it has begun, most of the time.
      await work(running, usual * (0.2 + 0.7 * random()));
      const isHit = victim === "daemon" ? await killDaemon(daemon!) : kill(running.pid);
      if (victim === "daemon") daemon = undefined;
      const { code, signal, err } = await running.ended;
      if (isHit) hits++;
      if (victim === "devix") assert(code === 0 || signal === "SIGKILL", `${code} ${signal} ${err}`);
      else assert(code === 0 || code === 4 && /^error: Cannot /.test(err), `${code} ${signal} ${err}`);
      const valid = check(root(), nix, folder.path, generation);
      for (const path of before) assert(valid.has(path), `${path} is lost`);
      if (valid.size > 0 && valid.size < total) partial++;
      onRound(`${round + 1}: ${valid.size} of ${total} valid, ${code === 0 ? "too late" : "killed"}`);
      before = valid;
    }
    const last = await runDevix(["instantiate", "--store", await open(), "-E", expr]);
    assertEquals([last.code, last.err], [0, ""]);
    assertEquals(check(root(), nix, folder.path, generation).size, total);
    return { hits, partial };
  } finally {
    if (daemon !== undefined) await killDaemon(daemon);
    folder.close();
  }
}

/** Returns what is valid, all of which must be complete. */
function check(root: string, nix: NixPrograms | undefined, folder: string, generation: number): Set<string> {
  try {
    Deno.statSync(`${root}/nix/var/nix/db/db.sqlite`);
  } catch {
    return new Set();
  }
  if (nix !== undefined) {
    const env = { NIX_CONF_DIR: `${folder}/g${generation}/etc`, HOME: folder, NIX_REMOTE: `local?root=${root}` };
    runNix(nix, ["nix-store", "--verify", "--check-contents"], { env });
  }
  const store = LocalStore.open(root);
  try {
    assertEquals([...verifyStore(store, { contents: true })], []);
    const paths = new Set<string>(store.database.paths());
    for (const [path, reference] of store.database.references()) {
      assert(paths.has(reference), `${path} refers to ${reference}`);
    }
    return paths;
  } finally {
    store.close();
  }
}

/**
 * Waits until a process has ended or has worked for so many milliseconds, and returns for how many it has. That is its own
 * time where the host tells it: how long it takes for that depends on who else is at work.
 */
async function work({ pid, ended }: Running, limit = Infinity): Promise<number> {
  const started = performance.now();
  let isOver = false;
  ended.then(() => isOver = true);
  let worked = 0;
  while (!isOver && worked < limit) {
    await sleep(2);
    worked = Deno.build.os === "linux" ? cpuTime(pid) ?? worked : performance.now() - started;
  }
  return worked;
}

/** Returns what all threads of a process have worked, in milliseconds; undefined if it is gone. */
function cpuTime(pid: number): number | undefined {
  try {
    // See proc_pid_stat(5): utime and stime, counted from behind the name, in hundredths of a second.
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

function kill(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Kills a daemon with the processes it has started, all at once. */
async function killDaemon(daemon: RunningDaemon): Promise<boolean> {
  const children = new TextDecoder().decode(
    new Deno.Command("pgrep", { args: ["-P", String(daemon.pid)] }).outputSync().stdout,
  ).split("\n").filter((line) => line !== "").map(Number);
  const all = [daemon.pid, ...children].map(kill);
  await daemon.stop();
  return all.length > 1;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** From 0 to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

if (import.meta.main) {
  const { kills, victim, store, chains, seed } = parseArgs(Deno.args, {
    string: ["kills", "victim", "store", "chains", "seed"],
    default: { kills: "50", victim: "devix", store: "local", chains: "60", seed: "1" },
  });
  const nix = store === "local" ? undefined : NIX_PROGRAMS.find(({ bin }) => bin === store);
  if (store !== "local" && nix === undefined) throw new Error(`${store} is not in DEVIX_TEST_NIX, nor on the PATH`);
  if (victim !== "devix" && victim !== "daemon") throw new Error(`--victim is devix or daemon`);
  const { hits, partial } = await storm({
    kills: Number(kills),
    victim,
    nix,
    chains: Number(chains),
    seed: Number(seed),
    onRound: (line) => console.log(line),
  });
  console.log(`${kills} rounds, ${hits} kills, ${partial} left a part; the last run completed it`);
}
