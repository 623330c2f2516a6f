// What a pool and its workers say to each other.
//
// Calls go to a worker as messages. The caller's thread may be blocked, and a blocked thread gets no messages, so answers
// come back through memory: each call brings a SharedArrayBuffer of its own, which the worker grows to the size of the
// answer, fills with JSON in UTF-8, and then marks as settled.

/** Index of the state in the reply's first ints. */
export const STATE = 0;
/** Index of the number of bytes of JSON that follow the header. */
export const LENGTH = 1;
/** Where the JSON begins, in bytes. */
const HEADER_BYTES = 8;

export const PENDING = 0;
export const SUCCEEDED = 1;
export const FAILED = 2;

const INITIAL_BYTES = 1 << 12;
/** Address space is reserved for this much; memory is used for what the answer takes. */
const MAX_BYTES = 1 << 26;

/** To the worker: do something. */
export interface CallMessage {
  readonly type: "call";
  readonly id: number;
  readonly task: string;
  readonly input: unknown;
  readonly reply: SharedArrayBuffer;
}

/** To the worker: how it is to work, before any call. `started` is set to 1 by the worker when it listens. */
export interface SetupMessage {
  readonly type: "setup";
  readonly concurrency: number;
  readonly context: unknown;
  readonly started: SharedArrayBuffer;
  /** Where events go, if anybody wants them. */
  readonly events?: MessagePort;
}

/** To the worker: a caller waits for this one, or no longer wants it. */
export interface HurryMessage {
  readonly type: "hurry" | "cancel";
  readonly id: number;
}

export type ToWorker = CallMessage | SetupMessage | HurryMessage;

/** From the worker, for callers that aren't blocked: the call is settled. */
export interface SettledMessage {
  readonly type: "settled";
  readonly id: number;
}

/** An error as it crosses: what is left of one when it is written as JSON. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** What the error's `toJSON` gave, if it has one. */
  readonly data?: unknown;
  readonly stack?: string;
  readonly cause?: Failure;
}

/** Returns an empty reply. */
export function newReply(): SharedArrayBuffer {
  return new SharedArrayBuffer(INITIAL_BYTES, { maxByteLength: MAX_BYTES });
}

/** Writes a value into a reply and marks it. A value too large becomes a failure. */
export function settle(reply: SharedArrayBuffer, state: typeof SUCCEEDED | typeof FAILED, value: unknown): void {
  let bytes = new TextEncoder().encode(JSON.stringify(value) ?? "null");
  if (HEADER_BYTES + bytes.length > MAX_BYTES) {
    const failure: Failure = { name: "RangeError", message: `Cannot return ${bytes.length} bytes from a worker` };
    bytes = new TextEncoder().encode(JSON.stringify(failure));
    state = FAILED;
  }
  if (reply.byteLength < HEADER_BYTES + bytes.length) reply.grow(HEADER_BYTES + bytes.length);
  new Uint8Array(reply, HEADER_BYTES).set(bytes);
  const header = new Int32Array(reply, 0, 2);
  header[LENGTH] = bytes.length;
  Atomics.store(header, STATE, state);
  Atomics.notify(header, STATE);
}

/** Returns what {@link settle} wrote. */
export function readReply(reply: SharedArrayBuffer): unknown {
  const length = new Int32Array(reply, 0, 2)[LENGTH];
  // TextDecoder doesn't take shared memory.
  return JSON.parse(new TextDecoder().decode(new Uint8Array(reply, HEADER_BYTES, length).slice()));
}

/** Returns what can cross of an error. */
export function toFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack, cause } = error;
  const toJson = (error as { toJSON?: unknown }).toJSON;
  return {
    name,
    message,
    stack,
    ...(typeof toJson === "function" ? { data: toJson.call(error) } : {}),
    ...(cause instanceof Error ? { cause: toFailure(cause) } : {}),
  };
}
