/**
 * Runs a program and measures it: the clock, and what the kernel kept count of (wait4's rusage), which is exact to the
 * microsecond and the peak to the page.
 *
 * The program must not be a child of this process: a peak of memory is inherited through exec, so it would never be less
 * than Deno's own 70 MB. So a shell forks it, says its number and leaves; orphans come to this process (it is a
 * "subreaper") and can be waited for. Until the shell is gone the program is held back by a pipe: the shell can't wait for
 * it by mistake, and the clock starts right before exec.
 *
 * A program's own children count if it waits for them: their times are added, the peak is that of the largest. Linux only.
 */

const PR_SET_CHILD_SUBREAPER = 36;

/** Its arguments: where standard output and standard error go, then the program's words. */
const LAUNCH = "out=$1 err=$2; shift 2; exec 3<&0; " +
  '{ read -r go; exec "$@" </dev/null 3<&-; } <&3 >"$out" 2>"$err" & echo $!';

/** What a run cost. */
export interface Usage {
  /** Seconds by the clock, from exec to the end. */
  readonly wall: number;
  /** Seconds of processors in the program, all threads together. */
  readonly user: number;
  /** Seconds of processors in the kernel. */
  readonly sys: number;
  /** Most memory that was resident, in bytes. */
  readonly peak: number;
}

/** How a run ended. */
export interface ProcessResult {
  /** The exit code, or the signal that ended it as a negative number. */
  readonly code: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly usage: Usage;
}

/** What to run. */
export interface ProcessCommand {
  readonly words: readonly string[];
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Seconds until it is killed. */
  readonly timeout: number;
}

/** Starts programs one at a time. Close it in the end. */
export class Launcher implements Disposable {
  readonly #libc = openLibc();
  readonly #directory: string;
  #running: number | null = null;

  /** `directory` gets files with what programs print. @throws {Error} where the kernel isn't Linux */
  constructor(directory: string) {
    this.#directory = directory;
    if (this.#libc.symbols.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) !== 0) {
      throw new Error("Cannot measure programs: the kernel doesn't hand orphans over");
    }
  }

  /** Runs a program to its end. */
  async run({ words, env, timeout }: ProcessCommand): Promise<ProcessResult> {
    const [out, err] = [`${this.#directory}/stdout`, `${this.#directory}/stderr`];
    const shell = new Deno.Command("/bin/sh", {
      args: ["-c", LAUNCH, "sh", out, err, ...words],
      clearEnv: true,
      env: { ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const [said] = await Promise.all([new Response(shell.stdout).text(), shell.status]);
    const pid = Number(said);
    if (!(pid > 1)) throw new Error(`Cannot run "${words[0]}": the shell says "${said}"`);

    this.#running = pid;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.kill();
    }, 1000 * timeout);
    const status = new Int32Array(1);
    const rusage = new BigInt64Array(18);
    const gate = shell.stdin.getWriter();
    const start = performance.now();
    await gate.write(new Uint8Array([10]));
    const waited = await this.#libc.symbols.wait4(pid, status, 0, rusage);
    const wall = (performance.now() - start) / 1000;
    this.#running = null;
    clearTimeout(timer);
    await gate.close().catch(() => {});
    if (waited !== pid) throw new Error(`Cannot wait for "${words[0]}": it isn't ours`);

    const signal = status[0] & 0x7f;
    return {
      code: signal === 0 ? (status[0] >> 8) & 0xff : -signal,
      timedOut,
      stdout: await Deno.readTextFile(out),
      stderr: await Deno.readTextFile(err),
      usage: { wall, ...readRusage(rusage) },
    };
  }

  /** Ends the program that runs, if one does: shells make what they fork deaf to the terminal's interrupt. */
  kill(): void {
    if (this.#running === null) return;
    try {
      Deno.kill(this.#running, "SIGKILL");
    } catch (e) {
      // It has just ended by itself.
      if (!(e instanceof Deno.errors.NotFound)) throw e;
    }
  }

  [Symbol.dispose](): void {
    this.kill();
    this.#libc.close();
  }
}

function openLibc() {
  if (Deno.build.os !== "linux") throw new Error("Cannot measure programs: this works on Linux only");
  return Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
    wait4: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32", nonblocking: true },
  });
}

/** `struct rusage` of 64-bit Linux: user time and system time (seconds, microseconds), then the peak in KiB. */
function readRusage(words: BigInt64Array): Omit<Usage, "wall"> {
  const seconds = (at: number) => Number(words[at]) + Number(words[at + 1]) / 1e6;
  return { user: seconds(0), sys: seconds(2), peak: Number(words[4]) * 1024 };
}
