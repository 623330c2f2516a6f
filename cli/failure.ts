/**
 * What a person, or a program, is told when something was thrown.
 *
 * Errors of the program, of data and of usage say what they have to say. An exhausted stack or memory is an error of the
 * program too. Anything else is a mistake of ours and says so; its JavaScript stack is shown only if DEVIX_DEBUG is 1.
 */
import {
  decodeUtf8Lossy,
  encodeUtf8,
  FetchError,
  fetchNixError,
  filterEscapes,
  FormatError,
  hint,
  isStackOverflow,
  type LogRecord,
  NixError,
  NO_POS,
  PosTable,
  renderError,
  showPos,
  StoreError,
} from "../mod.ts";
import { hostFailure } from "../lib/host_reason.ts";
import { STACK_SIZE_KIB } from "./v8_flags.ts";
import { UsageError } from "./usage_error.ts";

/** An error of any kind, as one of the language. */
export function asNixError(thrown: unknown): NixError {
  if (thrown instanceof NixError) return thrown;
  if (thrown instanceof UsageError) return new NixError("eval", thrown.message);
  if (thrown instanceof FormatError) return new NixError("eval", thrown.message, NO_POS, { cause: thrown });
  if (thrown instanceof FetchError) return fetchNixError(thrown);
  if (thrown instanceof StoreError) return new NixError("store", thrown.message, NO_POS, { cause: thrown });
  if (isStackOverflow(thrown)) return stackExhausted(thrown);
  if (thrown instanceof RangeError) return tooLarge(thrown);
  if (isHostError(thrown)) return new NixError("io", encodeUtf8(hostFailure(thrown)), NO_POS, { cause: thrown });
  return bug(thrown);
}

/** Returns the exit code C++ Nix's commands give an error: 102 if something fetched isn't what was expected. */
export function nixExitCode(error: NixError): number {
  return error.cause instanceof FetchError && error.cause.code === "mismatch" ? 102 : 1;
}

/** Returns the error of a native stack that is full. */
function stackExhausted(cause?: unknown): NixError {
  const lines = ["stack overflow (possible infinite recursion)"];
  if (Deno.build.os !== "linux") {
    lines.push("Only on Linux can devix use more stack than the 8 MiB that processes start with.");
  }
  return new NixError("stack-overflow", lines.join("\n"), NO_POS, { cause });
}

/** Returns the error of a child that died of its stack, which was smaller than it should be. */
export function stackTooSmall(): NixError {
  const wanted = Math.round(STACK_SIZE_KIB / 1024);
  return new NixError(
    "stack-overflow",
    "stack overflow (possible infinite recursion)\n" +
      `The hard limit on the stack of this process ('ulimit -Hs') is below the ${wanted} MiB that devix can use.`,
  );
}

function tooLarge(cause: RangeError): NixError {
  const what = cause.message.startsWith("Invalid string length") ? "a string" : "a value";
  return new NixError("eval", `out of memory: ${what} grew too large (${cause.message})`, NO_POS, { cause });
}

function isHostError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && Object.values(Deno.errors).some((kind) => thrown instanceof kind);
}

function bug(thrown: unknown): NixError {
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const lines = [
    hint`this is a bug in devix: ${encodeUtf8(message)}`,
    "Nothing is wrong with the Nix code. Please report what you ran, with this message.",
  ];
  const debug = Deno.env.get("DEVIX_DEBUG") === "1" && thrown instanceof Error ? thrown.stack : undefined;
  if (debug !== undefined) lines.push(encodeUtf8(debug));
  else lines.push("(DEVIX_DEBUG=1 shows where in devix it happened.)");
  return new NixError("eval", lines.join("\n"), NO_POS, { cause: thrown });
}

/** What C++ Nix logs for a position that isn't known. */
const UNKNOWN_PLACE = { file: encodeUtf8("«none»:0"), line: 0, column: 0 };

/** Returns an error as the log takes it. */
export function errorRecord(error: NixError, positions: PosTable = new PosTable(), showTrace = false): LogRecord {
  const place = (pos: number) => {
    const at = positions.resolve(pos);
    return at === undefined ? null : { file: showPos(positions, pos), line: at.line, column: at.column };
  };
  const frame = ({ pos, text, always, placeless }: NixError["frames"][number]) => ({
    message: text,
    position: place(pos) ?? (always || placeless ? null : UNKNOWN_PLACE),
  });
  return {
    level: 0,
    rendered: renderError(error, { positions, showTrace }),
    message: error.message,
    position: place(error.pos),
    trace: showTrace ? error.frames.map(frame) : null,
  };
}

/** An error for programs. Texts are JavaScript strings without escape codes. */
export interface ErrorJson {
  readonly type: string;
  readonly message: string;
  /** What a person would be shown. */
  readonly rendered: string;
  /** Outermost first; the last one is where the error itself points, if anywhere. */
  readonly trace: readonly TraceJson[];
}

/** A frame of a trace; without a place the three are null. */
export interface TraceJson {
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

/** Returns an error for programs; the trace is whole whatever `showTrace` says. */
export function errorJson(error: NixError, positions: PosTable, showTrace: boolean): ErrorJson {
  const plain = (text: string) => decodeUtf8Lossy(filterEscapes(text, { colours: false }));
  const frame = (pos: number, text: string): TraceJson => {
    const at = positions.resolve(pos);
    if (at === undefined) return { file: null, line: null, column: null, message: plain(text) };
    const { origin, line, column } = at;
    const file = origin.kind === "file" ? origin.display ?? origin.path : `\xc2\xab${origin.kind}\xc2\xbb`;
    return { file: decodeUtf8Lossy(file), line, column, message: plain(text) };
  };
  const trace = error.frames.map((f) => frame(f.pos, f.text)).reverse();
  if (error.pos !== NO_POS) trace.push(frame(error.pos, error.message));
  return {
    type: error.kind,
    message: plain(error.message),
    rendered: plain(renderError(error, { positions, showTrace })),
    trace,
  };
}
