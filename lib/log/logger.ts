/**
 * Where log lines go, and in which form.
 *
 * `raw` writes texts for people; `internal-json` writes one JSON object a line after `@nix `, which devenv and nom read.
 * Levels are C++ Nix's: 0 error, 1 warning, 2 notice, 3 info, 4 talkative, 5 chatty, 6 debug, 7 vomit. A message is
 * written if its level is at most the verbosity. Texts are binary strings with escape codes in them; the raw form takes
 * out what the output can't show, the JSON form leaves them.
 */
import { decodeUtf8Lossy, encodeUtf8 } from "../text/utf8.ts";
import { filterEscapes } from "./terminal.ts";

/** A form of the log. */
export type LogFormat = "raw" | "internal-json";

/** Takes a whole line, newline included, as a binary string. */
export type LogSink = (line: string) => void;

/** A place in a source: `file` is the name that messages have for it, with line and column. */
export interface LogPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An error or warning, in parts and as it looks. */
export interface LogRecord {
  readonly level: number;
  /** What a person sees, without a newline at the end. */
  readonly rendered: string;
  /** The message alone. */
  readonly message: string;
  readonly position: LogPosition | null;
  /** Innermost first; null unless traces are to be shown. */
  readonly trace: readonly { readonly message: string; readonly position: LogPosition | null }[] | null;
}

/** Receives everything there is to log. */
export interface Logger {
  verbosity: number;
  /** Logs a text if it is wanted at this verbosity. */
  message(level: number, text: string): void;
  /** Logs an error or warning. */
  record(record: LogRecord): void;
}

/** How a {@link RawLogger} writes. */
export interface RawLoggerOptions {
  readonly verbosity: number;
  readonly colours: boolean;
  /** Whether lines begin with a priority, `<3>` to `<7>`, as systemd's journal takes them (IN_SYSTEMD=1). */
  readonly priorities?: boolean;
}

/** Writes texts for people. */
export class RawLogger implements Logger {
  verbosity: number;
  readonly #sink: LogSink;
  readonly #options: RawLoggerOptions;

  constructor(sink: LogSink, options: RawLoggerOptions) {
    this.#sink = sink;
    this.#options = options;
    this.verbosity = options.verbosity;
  }

  message(level: number, text: string): void {
    if (level > this.verbosity) return;
    const priority = this.#options.priorities ? `<${PRIORITIES[level] ?? 7}>` : "";
    this.#sink(priority + filterEscapes(text, this.#options) + "\n");
  }

  record(record: LogRecord): void {
    this.message(record.level, record.rendered);
  }
}

const PRIORITIES = [3, 4, 5, 5, 6, 6, 7, 7];

/** Writes internal-json lines. */
export class JsonLogger implements Logger {
  verbosity: number;
  readonly #sink: LogSink;

  constructor(sink: LogSink, options: { readonly verbosity: number }) {
    this.#sink = sink;
    this.verbosity = options.verbosity;
  }

  message(level: number, text: string): void {
    if (level <= this.verbosity) this.#write([["action", "msg"], ["level", level], ["msg", text]]);
  }

  /** As C++ Nix does, whatever the verbosity. */
  record({ level, rendered, message, position, trace }: LogRecord): void {
    this.#write([
      ["action", "msg"],
      ["column", position?.column ?? null],
      ["file", position?.file ?? null],
      ["level", level],
      ["line", position?.line ?? null],
      ["msg", rendered],
      ["raw_msg", message],
      ...(trace === null || trace.length === 0 ? [] : [["trace", trace.map(frameMembers)] as Member]),
    ]);
  }

  #write(members: Members): void {
    this.#sink(`@nix ${quoteObject(members)}\n`);
  }
}

type Member = readonly [name: string, value: string | number | null | readonly Members[]];
type Members = readonly Member[];

function frameMembers(frame: { readonly message: string; readonly position: LogPosition | null }): Members {
  const { message, position } = frame;
  return [
    ["column", position?.column ?? null],
    ["file", position?.file ?? null],
    ["line", position?.line ?? null],
    ["raw_msg", message],
  ];
}

function quoteObject(members: Members): string {
  const parts = members.map(([name, value]) => {
    const text = Array.isArray(value)
      ? `[${value.map(quoteObject).join(",")}]`
      : typeof value === "string"
      ? quote(value)
      : String(value);
    return `"${name}":${text}`;
  });
  return `{${parts.join(",")}}`;
}

/** A JSON string in UTF-8, of bytes; what isn't UTF-8 becomes U+FFFD. */
function quote(text: string): string {
  return encodeUtf8(JSON.stringify(decodeUtf8Lossy(text)));
}
