/** Standard input as something to be waited for or only looked at, and standard output as something that may have gone. */
import type { ByteSource } from "../serve/lines.ts";

const POLLIN = 1;
const POLLERR = 8;
const POLLHUP = 16;
const STDIN = 0;
const STDOUT = 1;

/** Returns this process's standard input. Where poll(2) can't be had, it never seems ready and has to be waited for. */
export function stdinSource(): ByteSource {
  const poll = openPoll();
  return {
    read(buffer) {
      for (;;) {
        try {
          return Deno.stdin.readSync(buffer);
        } catch (e) {
          // The other end made the pipe non-blocking.
          if (!(e instanceof Deno.errors.WouldBlock)) throw e;
          if (poll === undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
          else poll(STDIN, POLLIN, -1);
        }
      }
    },
    ready: () => poll !== undefined && (poll(STDIN, POLLIN, 0) & (POLLIN | POLLHUP)) !== 0,
  };
}

/** Whether whoever read this process's standard output has gone. False where that can't be known. */
export function isStdoutBroken(): boolean {
  const poll = openPoll();
  return poll !== undefined && (poll(STDOUT, 0, 0) & (POLLERR | POLLHUP)) !== 0;
}

/** Sees to it, where that can be had, that this process ends when the one that started it does. */
export function endWithParent(): void {
  if (Deno.build.os !== "linux") return;
  const PR_SET_PDEATHSIG = 1;
  const SIGKILL = 9n;
  try {
    const libc = Deno.dlopen("libc.so.6", {
      prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
    }).symbols;
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0n, 0n, 0n);
  } catch {
    // Then it ends when it finds that nobody reads what it writes.
  }
}

/** Waits that long (in milliseconds; -1 for ever) for something on a file descriptor, and returns what there is. */
type Poll = (fd: number, events: number, milliseconds: number) => number;

let opened: { readonly poll: Poll | undefined } | undefined;

/** Returns poll(2), if it can be had. */
function openPoll(): Poll | undefined {
  return (opened ??= { poll: loadPoll() }).poll;
}

function loadPoll(): Poll | undefined {
  const library = { linux: "libc.so.6", darwin: "libSystem.B.dylib" }[Deno.build.os as string];
  if (library === undefined) return undefined;
  let libc;
  try {
    libc = Deno.dlopen(library, { poll: { parameters: ["buffer", "usize", "i32"], result: "i32" } }).symbols;
  } catch {
    return undefined;
  }
  return (fd, events, milliseconds) => {
    // struct pollfd { int fd; short events; short revents; }
    const pollfd = new DataView(new ArrayBuffer(8));
    pollfd.setInt32(0, fd, true);
    pollfd.setInt16(4, events, true);
    libc.poll(new Uint8Array(pollfd.buffer), 1n, milliseconds);
    return pollfd.getInt16(6, true);
  };
}
