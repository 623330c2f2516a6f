// What a daemon is talked to over: two streams of bytes.

import { reasonOf } from "../errors.ts";
import { cannotConnect } from "./errors.ts";

/** Two streams of bytes to and from a daemon. */
export interface Transport {
  /** Reads at least a byte into `buffer` and returns how many; undefined at the end. */
  read(buffer: Uint8Array): Promise<number | undefined>;
  /** Writes all of `bytes`, which may be used again once it is done. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends both streams. What is still being read or written fails. */
  close(): void;
  /** Returns what the daemon wrote to its standard error, where we see that, once both streams have ended. */
  readonly complaints?: () => Promise<string>;
}

/** Connects to the Unix socket of a daemon. @throws {ConnectionError} */
export async function connectUnix(path: string): Promise<Transport> {
  let socket: Deno.UnixConn;
  try {
    socket = await Deno.connect({ transport: "unix", path });
  } catch (e) {
    throw cannotConnect(path, reasonOf(e), e);
  }
  return {
    read: async (buffer) => await socket.read(buffer) ?? undefined,
    async write(bytes) {
      for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
    },
    close: () => closeQuietly(socket),
  };
}

function closeQuietly(socket: { close(): void }): void {
  try {
    socket.close();
  } catch {
    // Closed already.
  }
}

const MAX_COMPLAINTS = 4096;
/** How long to wait for the last words of a child that has closed its output, in milliseconds. */
const COMPLAINTS_MS = 1000;

/** Starts a program that speaks the protocol on its standard streams, as `nix-daemon --stdio` does. */
export function startChild(program: string, options: Deno.CommandOptions): Transport {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { ...options, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  } catch (e) {
    throw cannotConnect(program, reasonOf(e), e);
  }
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  let rest: Uint8Array = new Uint8Array(0);
  const stderr = tail(child.stderr);
  return {
    async read(buffer) {
      if (rest.length === 0) {
        const { value, done } = await reader.read();
        if (done) return undefined;
        rest = value;
      }
      const n = Math.min(buffer.length, rest.length);
      buffer.set(rest.subarray(0, n));
      rest = rest.subarray(n);
      return n;
    },
    write: (bytes) => writer.write(bytes.slice()),
    // It ends when its standard input does.
    close() {
      writer.close().catch(() => {});
      reader.cancel().catch(() => {});
      child.status.catch(() => {});
    },
    complaints: () => Promise.race([stderr, new Promise<string>((resolve) => setTimeout(resolve, COMPLAINTS_MS, ""))]),
  };
}

async function tail(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  try {
    for await (const chunk of stream) text = (text + new TextDecoder().decode(chunk)).slice(-MAX_COMPLAINTS);
  } catch {
    // Whatever there was by then will do.
  }
  return text;
}
