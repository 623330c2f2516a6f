/**
 * Where log lines go, and in which form.
 *
 * `raw` writes texts for people; `internal-json` writes one JSON object a line after `@nix `, which devenv and nom read.
 * Levels are C++ Nix's: 0 error, 1 warning, 2 notice, 3 info, 4 talkative, 5 chatty, 6 debug, 7 vomit. A message is
 * written if its level is at most the verbosity. Texts are binary strings with escape codes in them; the raw form takes
 * out what the output can't show, the JSON form leaves them.
 */
import {
  type Activity,
  type LogField,
  type LogRecord,
  messageLine,
  recordLine,
  resultLine,
  type ResultType,
  startLine,
  stopLine,
} from "./internal_json.ts";
import { filterEscapes } from "./terminal.ts";

/** A form of the log. */
export type LogFormat = "raw" | "internal-json";

/** Takes a whole line, newline included, as a binary string. */
export type LogSink = (line: string) => void;

/** Receives everything there is to log. */
export interface Logger {
  verbosity: number;
  /** Logs a text if it is wanted at this verbosity. */
  message(level: number, text: string): void;
  /** Logs an error or warning. */
  record(record: LogRecord): void;
  /** Logs that something begins that takes a while, and returns its id. */
  start(activity: Activity): number;
  /** Logs that an activity is over. */
  stop(id: number): void;
  /** Logs what an activity has to report. */
  result(id: number, type: ResultType, fields: readonly LogField[]): void;
  /** Takes what isn't a message off the screen, before something else is written there. */
  clear?(): void;
  /** How many activities are to start once others are over, where that is shown. */
  waiting?(count: number): void;
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

  /** People see the beginning only. */
  start({ level, text }: Activity): number {
    if (text !== "") this.message(level, `${text}...`);
    return 0;
  }

  stop(_id: number): void {}

  result(_id: number, _type: ResultType, _fields: readonly LogField[]): void {}
}

const PRIORITIES = [3, 4, 5, 5, 6, 6, 7, 7];

/** Writes internal-json lines. */
export class JsonLogger implements Logger {
  verbosity: number;
  readonly #sink: LogSink;
  #lastId = 0;

  constructor(sink: LogSink, options: { readonly verbosity: number }) {
    this.#sink = sink;
    this.verbosity = options.verbosity;
  }

  message(level: number, text: string): void {
    if (level <= this.verbosity) this.#sink(messageLine(level, text));
  }

  /** As C++ Nix does, whatever the verbosity. */
  record(record: LogRecord): void {
    this.#sink(recordLine(record));
  }

  /** Whatever the verbosity: readers go by the type. */
  start(activity: Activity): number {
    const id = ++this.#lastId;
    this.#sink(startLine(id, activity));
    return id;
  }

  stop(id: number): void {
    this.#sink(stopLine(id));
  }

  result(id: number, type: ResultType, fields: readonly LogField[]): void {
    this.#sink(resultLine(id, type, fields));
  }
}
