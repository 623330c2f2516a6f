/**
 * The log on a terminal: what is being fetched is shown below the messages, one line each, and kept up to date.
 *
 * After each change the cursor is at the start of the line below the bars, so that a process that ends at any moment, by ^C
 * too, leaves a clean line to go on from. Nothing is shown of what is over within {@link QUIET_MS}.
 */
import { decodeUtf8Lossy, encodeUtf8 } from "../text/utf8.ts";
import type { Activity, LogField, LogRecord, ResultType } from "./internal_json.ts";
import { type Logger, type LogSink, RawLogger, type RawLoggerOptions } from "./logger.ts";

const QUIET_MS = 200;
const DRAW_MS = 100;
const BAR_WIDTH = 20;
const NAME_WIDTH = 24;
const MAX_BARS = 12;

/** How a {@link BarLogger} writes. */
export interface BarLoggerOptions extends RawLoggerOptions {
  /** Takes the bars, and what moves the cursor. */
  readonly bars: LogSink;
  /** How wide the terminal is, in columns. */
  readonly columns: () => number;
  /** Milliseconds since some time. */
  readonly now?: () => number;
}

interface Bar {
  readonly name: string;
  /** Whether what is counted are bytes. */
  readonly bytes: boolean;
  readonly started: number;
  done: number;
  expected: number;
}

/** Writes texts for people at a terminal. */
export class BarLogger implements Logger {
  readonly #raw: RawLogger;
  readonly #options: BarLoggerOptions;
  readonly #now: () => number;
  readonly #bars = new Map<number, Bar>();
  #lastId = 0;
  #waiting = 0;
  /** How many lines are on the screen. */
  #shown = 0;
  #drawn = -Infinity;

  constructor(sink: LogSink, options: BarLoggerOptions) {
    this.#raw = new RawLogger(sink, options);
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Up to which level messages are shown; see {@link Logger}. */
  get verbosity(): number {
    return this.#raw.verbosity;
  }

  set verbosity(verbosity: number) {
    this.#raw.verbosity = verbosity;
  }

  message(level: number, text: string): void {
    if (level > this.verbosity) return;
    this.clear();
    this.#raw.message(level, text);
    this.#draw();
  }

  record(record: LogRecord): void {
    this.message(record.level, record.rendered);
  }

  start({ type, text, fields = [] }: Activity): number {
    const id = ++this.#lastId;
    if (type !== "fileTransfer" && type !== "fetchTree") return id;
    const name = type === "fileTransfer" ? shortUrl(String(fields[0])) : text;
    this.#bars.set(id, { name, bytes: type === "fileTransfer", started: this.#now(), done: 0, expected: 0 });
    this.#drawSoon();
    return id;
  }

  stop(id: number): void {
    if (!this.#bars.delete(id)) return;
    if (this.#bars.size > 0) return this.#drawSoon();
    this.clear();
  }

  result(id: number, type: ResultType, fields: readonly LogField[]): void {
    const bar = this.#bars.get(id);
    if (bar === undefined || type !== "progress") return;
    bar.done = Number(fields[0]);
    bar.expected = Number(fields[1]);
    this.#drawSoon();
  }

  waiting(count: number): void {
    this.#waiting = count;
    this.#drawSoon();
  }

  #drawSoon(): void {
    if (this.#bars.size === 0 || this.#now() - this.#drawn < DRAW_MS) return;
    this.clear();
    this.#draw();
  }

  #draw(): void {
    const now = this.#now();
    const bars = [...this.#bars.values()].filter((bar) => now - bar.started >= QUIET_MS);
    if (bars.length === 0) return;
    // A line that is broken would be two on the screen.
    const columns = Math.max(2, this.#options.columns()) - 1;
    const lines = bars.slice(0, MAX_BARS).map((bar) => barLine(bar, now));
    const more = bars.length - lines.length + this.#waiting;
    if (more > 0) lines.push(`${more} more to fetch`);
    this.#options.bars(lines.map((line) => `${encodeUtf8(line.slice(0, columns))}\n`).join(""));
    this.#shown = lines.length;
    this.#drawn = now;
  }

  clear(): void {
    if (this.#shown > 0) this.#options.bars(`\x1b[${this.#shown}A\r\x1b[J`);
    this.#shown = 0;
  }
}

/** `name [====      ]  12.3 of 45.6 MiB  5.1 MiB/s` */
function barLine({ name, bytes, started, done, expected }: Bar, now: number): string {
  const amount = (n: number) => bytes ? size(n) : String(n);
  const share = expected > 0 ? Math.min(1, done / expected) : 0;
  const bar = expected > 0 ? `[${"=".repeat(Math.floor(share * BAR_WIDTH)).padEnd(BAR_WIDTH)}] ` : "";
  const total = expected > 0 ? ` of ${amount(expected)}` : "";
  const seconds = (now - started) / 1000;
  const rate = bytes && done > 0 && seconds > 0 ? `  ${size(done / seconds)}/s` : "";
  return `${shorten(name)} ${bar}${amount(done)}${total}${rate}`;
}

function shorten(name: string): string {
  const text = decodeUtf8Lossy(name).replace(/\p{Cc}/gu, "?");
  return text.length > NAME_WIDTH ? `${text.slice(0, NAME_WIDTH - 1)}\u2026` : text.padEnd(NAME_WIDTH);
}

/** What tells one download from another, of a URL. */
function shortUrl(url: string): string {
  const path = url.replace(/^[a-z+]+:\/\/[^/]*\//i, "").replace(/[?#].*$/s, "");
  const forge = /^([^/]+\/[^/]+)\/(?:tar\.gz|archive|-\/archive)\//.exec(path);
  return forge?.[1] ?? (path.replace(/\/+$/, "").split("/").at(-1) || url);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

function size(bytes: number): string {
  let unit = 0;
  while (bytes >= 1024 && unit < UNITS.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(bytes) : bytes.toFixed(1)} ${UNITS[unit]}`;
}
