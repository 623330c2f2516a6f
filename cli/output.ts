/**
 * Writing to standard output and standard error. An answer that is kept is written by this too, before anything else of
 * devix is loaded: keep it free of imports that aren't needed for that (`answers.ts`).
 */
import { binaryToBytes } from "../lib/format/bytes.ts";
import { hostReason } from "../lib/host_reason.ts";

/** Something like `Deno.stdout`. */
interface Writer {
  writeSync(bytes: Uint8Array): number;
}

/**
 * Writes a binary string. Ends this process if it is an answer and nobody reads it, or it can't be written. What can't be
 * written to standard error is lost, as for C++ Nix 2.34: the work is done and the answer given all the same.
 */
export function writeAll(to: Writer, text: string): void {
  const bytes = binaryToBytes(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += to.writeSync(bytes.subarray(at));
    } catch (e) {
      // The other end made the pipe non-blocking and it is full.
      if (!(e instanceof Deno.errors.WouldBlock)) return to === Deno.stdout ? failed(e) : undefined;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** Ends the process: what it has to say can't be said. */
function failed(e: unknown): never {
  // Whoever read this has gone (`devix … | head`): there is nobody to tell.
  if (!(e instanceof Deno.errors.BrokenPipe)) {
    console.error(`error: Cannot write to standard output: ${hostReason(e)}`);
  }
  Deno.exit(1);
}
