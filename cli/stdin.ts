/** Standard input as something to be waited for or only looked at. */
import type { ByteSource } from "../serve/lines.ts";

const POLLIN = 1;
const POLLHUP = 16;

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
          else poll(-1);
        }
      }
    },
    ready: () => poll?.(0) ?? false,
  };
}

/** Returns what waits for standard input that long (in milliseconds; -1 for ever) and tells whether there is some. */
function openPoll(): ((milliseconds: number) => boolean) | undefined {
  const library = { linux: "libc.so.6", darwin: "libSystem.B.dylib" }[Deno.build.os as string];
  if (library === undefined) return undefined;
  let libc;
  try {
    libc = Deno.dlopen(library, { poll: { parameters: ["buffer", "usize", "i32"], result: "i32" } }).symbols;
  } catch {
    return undefined;
  }
  return (milliseconds) => {
    // struct pollfd { int fd; short events; short revents; }
    const pollfd = new DataView(new ArrayBuffer(8));
    pollfd.setInt16(4, POLLIN, true);
    libc.poll(new Uint8Array(pollfd.buffer), 1n, milliseconds);
    return (pollfd.getInt16(6, true) & (POLLIN | POLLHUP)) !== 0;
  };
}
