/**
 * A native stack as large as V8 was told it is (`v8_flags.ts`).
 *
 * On Linux the main thread's stack grows up to RLIMIT_STACK, which may be raised while the process runs: usually that is
 * all. It is not enough where
 * - the hard limit is lower (`ulimit -Hs`): V8 doesn't know and runs off the end, which kills the process;
 * - addresses aren't randomised (`setarch -R`, debuggers): the kernel then leaves 128 MB for a stack whose limit was
 *   lower when the process started. A process started now finds the room.
 *
 * In both cases devix runs itself as a child and watches: if the child dies of its stack, that is reported like any other
 * stack overflow. The evaluator pays nothing for this.
 *
 * Other systems fix the main thread's stack when the process starts. The program made for them has V8 use no more than that
 * (`v8FlagsFor`); run from sources, where the flags are Linux's, it is the child that gets the right ones.
 */
import { bytesToBinary } from "../mod.ts";
import { writeAll } from "./output.ts";
import { sameCommand } from "./same_command.ts";
import { STACK_SIZE_KIB } from "./v8_flags.ts";

/** V8's share, and room for the native code it calls. */
const WANTED_BYTES = BigInt(STACK_SIZE_KIB) * 1024n + (64n << 20n);

const RLIMIT_STACK = 3;
const SIGXFSZ = 25;
const SIG_IGN = 1n;
const ADDR_NO_RANDOMIZE = 0x0040000;
const UNLIMITED = 0xffff_ffff_ffff_ffffn;

/** Set for the child: "tty" if its standard error ends up on a terminal, else "pipe". */
const CHILD_VARIABLE = "DEVIX_STACK_CHILD";

/** Whether evaluation may go on in this process. */
export type StackState = "ready" | "child-needed";

/**
 * Adjusts what limits this process: raises the stack limit, if it can be, and has writes beyond `ulimit -f` fail instead of
 * ending the process, since most are to caches, which can do without. Costs 0.5 to 2 ms, nearly all of it for opening libc.
 */
export function adjustLimits(): StackState {
  if (Deno.build.os !== "linux") return Deno.build.standalone ? "ready" : "child-needed";
  try {
    return raise();
  } catch {
    // No libc.so.6, or no permission for FFI: no way to know the limit.
    return "child-needed";
  }
}

function raise(): StackState {
  const libc = Deno.dlopen("libc.so.6", {
    prlimit: { parameters: ["i32", "i32", "buffer", "buffer"], result: "i32" },
    signal: { parameters: ["i32", "usize"], result: "usize" },
  }).symbols;
  libc.signal(SIGXFSZ, SIG_IGN);
  const limits = new BigUint64Array(2);
  if (libc.prlimit(0, RLIMIT_STACK, null, limits) !== 0) return "child-needed";
  const [soft, hard] = limits;
  if (soft >= WANTED_BYTES) return "ready";
  const reachable = hard === UNLIMITED || hard >= WANTED_BYTES;
  limits[0] = reachable ? WANTED_BYTES : hard;
  const raised = libc.prlimit(0, RLIMIT_STACK, limits, null) === 0;
  return reachable && raised && hasRandomAddresses() ? "ready" : "child-needed";
}

function hasRandomAddresses(): boolean {
  return (parseInt(Deno.readTextFileSync("/proc/self/personality"), 16) & ADDR_NO_RANDOMIZE) === 0;
}

/**
 * What a child knows of its parent's standard error; undefined in a process that is no child. The answer is given once:
 * the variable is gone afterwards.
 */
export function takeChildVariable(): "tty" | "pipe" | undefined {
  const value = Deno.env.get(CHILD_VARIABLE);
  if (value === undefined) return undefined;
  // Nix programs and other children have no business with it.
  Deno.env.delete(CHILD_VARIABLE);
  return value === "tty" ? "tty" : "pipe";
}

/** How a child ended. */
export interface ChildResult {
  readonly code: number;
  /** Whether it died of its stack. */
  readonly overflowed: boolean;
}

/** Runs this very command in a child with the same standard streams. Its last words about the stack are left out. */
export async function runInChild(options: { readonly terminal: boolean }): Promise<ChildResult> {
  const { command, args } = sameCommand();
  const child = new Deno.Command(command, {
    args: [...args],
    env: { [CHILD_VARIABLE]: options.terminal ? "tty" : "pipe" },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "piped",
  }).spawn();
  await forwardStderr(child.stderr);
  const status = await child.status;
  const overflowed = status.signal === "SIGABRT" || status.signal === "SIGSEGV";
  return { code: overflowed ? 1 : status.code, overflowed };
}

/** What Rust's runtime writes before it aborts; an empty line comes before the first. */
const NOTICE = /^thread '.*' (?:\(\d+\) )?has overflowed its stack\n$|^fatal runtime error: stack overflow.*\n$/;

/** Copies a stream to standard error line by line, without the notice. */
async function forwardStderr(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  let rest = "";
  let blank = "";
  for await (const chunk of stream) {
    const lines = (rest + bytesToBinary(chunk)).split(/(?<=\n)/);
    rest = lines.length > 0 && !lines[lines.length - 1].endsWith("\n") ? lines.pop()! : "";
    let out = "";
    for (const line of lines) {
      if (NOTICE.test(line)) {
        blank = "";
      } else if (line === "\n") {
        out += blank;
        blank = line;
      } else {
        out += blank + line;
        blank = "";
      }
    }
    writeAll(Deno.stderr, out);
  }
  writeAll(Deno.stderr, blank + rest);
}
