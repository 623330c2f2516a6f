// Error messages as toml11 4.4 writes them: a title, then for each place in question an excerpt of the source with the
// place underlined.
//
// The excerpt follows toml11's own rules, oddities included: 30 bytes of context on either side, bytes that aren't
// printable ASCII spelled out as 0xNN while columns go on counting them as one.

/** A text that places refer to: the document, or a string literal whose escapes are being read. */
export interface TomlSource {
  readonly name: string;
  readonly text: string;
}

/** The bytes from `first` up to `last`. */
export interface TomlPlace {
  readonly source: TomlSource;
  readonly first: number;
  readonly last: number;
  /** A single byte, which belongs to the line it ends if it is a newline. */
  readonly isPoint: boolean;
}

export interface TomlProblem {
  readonly title: string;
  readonly places: readonly (readonly [place: TomlPlace, message: string])[];
  readonly hint: string;
}

/** Thrown inside the parser where an error is the caller's to handle. */
export class TomlFailure {
  readonly problem: TomlProblem;
  /** Where scanning is to go on; undefined for where it got to. */
  readonly resume: number | undefined;

  constructor(problem: TomlProblem, resume?: number) {
    this.problem = problem;
    this.resume = resume;
  }
}

/** What {@linkcode tomlFailure} may add to a title. */
export interface TomlFailureOptions {
  /** What is written under the place; "here" if nothing else is said. */
  readonly message?: string;
  readonly hint?: string;
  readonly resume?: number;
}

/** Returns the failure about one place. */
export function tomlFailure(place: TomlPlace, title: string, options: TomlFailureOptions = {}): TomlFailure {
  const { message = "here", hint = "", resume } = options;
  return new TomlFailure({ title, places: [[place, message]], hint }, resume);
}

const CONTEXT = 30;
/** How far the ends of a place that spans lines are looked for. */
const LONG = 60;
const CUT = 50;

const BYTE_NAMES: Readonly<Record<number, string>> = {
  0: "NUL",
  9: "TAB",
  10: "LINE FEED",
  11: "VERTICAL TAB",
  12: "FORM FEED",
  13: "CARRIAGE RETURN",
  27: "ESCAPE",
  32: "SPACE",
};

/** The place of the byte at an offset; at the end of the text, of the last byte. */
export function pointAt(source: TomlSource, offset: number): TomlPlace {
  if (offset < source.text.length) return { source, first: offset, last: offset + 1, isPoint: true };
  return { source, first: Math.max(offset - 1, 0), last: offset, isPoint: false };
}

function lineNumber(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

function lastLineNumber({ source, first, last, isPoint }: TomlPlace): number {
  return lineNumber(source.text, isPoint ? first : last);
}

interface Line {
  readonly text: string;
  /** Offset of the place in this text. */
  readonly offset: number;
}

function takeLine(text: string, begin: number, end: number): Line {
  const low = Math.max(begin - CONTEXT, 0);
  const high = Math.min(end + CONTEXT, text.length);
  const newline = begin === 0 ? -1 : text.lastIndexOf("\n", begin - 1);
  const from = newline >= low ? newline + 1 : low;
  const after = text.indexOf("\n", end);
  const to = after < 0 || after > high ? high : after;
  const isCutBefore = from !== 0 && text[from - 1] !== "\n";
  const isCutAfter = to !== text.length && text[to] !== "\n";
  return {
    text: (isCutBefore ? "... " : "") + text.slice(from, to) + (isCutAfter ? " ..." : ""),
    offset: begin - from + (isCutBefore ? 4 : 0),
  };
}

function linesOf(place: TomlPlace): Line[] {
  const { text } = place.source;
  if (place.last === place.first) return [{ text: "", offset: 0 }];
  const begin = place.first;
  const end = place.last - 1;
  const firstLine = lineNumber(text, begin);
  const lastLine = lastLineNumber(place);
  if (firstLine === lastLine) return [takeLine(text, begin, end)];
  const high = text.length - begin > LONG ? begin + CUT : text.length;
  const low = end > LONG ? end - CUT : 0;
  const after = text.indexOf("\n", begin);
  const before = text.indexOf("\n", low);
  const first = takeLine(text, begin, after < 0 || after > high ? high : after);
  const last = takeLine(text, before < 0 || before > end ? end : before, end);
  return firstLine + 1 === lastLine ? [first, last] : [first, { text: "...", offset: 0 }, last];
}

function visible(text: string): string {
  return text.replace(/[^ -~]/g, (c) => {
    const code = c.charCodeAt(0);
    const name = BYTE_NAMES[code];
    return `0x${code.toString(16).padStart(2, "0")}${name === undefined ? "" : `(${name})`}`;
  });
}

function excerpt(place: TomlPlace, message: string, width: number): string {
  const margin = " ".repeat(width + 1);
  const row = (line: number, text: string) => ` ${String(line).padStart(width)} | ${visible(text)}\n`;
  const underline = (column: number, length: number, note: string) =>
    `${margin} | ${" ".repeat(Math.max(column - 1, 0))}${"^".repeat(Math.max(length, 0))}-- ${note}\n`;
  const lines = linesOf(place);
  const firstLine = lineNumber(place.source.text, place.first);
  const first = lines[0]!;
  const column = first.offset + 1;
  const restOfLine = first.text.length - column + 1;
  if (lines.length === 1) {
    const limit = first.text.length < column ? 1 : restOfLine;
    return row(firstLine, first.text) + underline(column, Math.min(limit, place.last - place.first), message);
  }
  const last = lines[lines.length - 1]!;
  const end = row(lastLineNumber(place), last.text) + underline(1, last.offset + 1, message);
  const start = row(firstLine, first.text) + underline(column, restOfLine, lines.length === 2 ? "" : "and");
  if (lines.length === 2) return start + end;
  return start + row(firstLine + 1, lines[1]!.text) + underline(1, lines[1]!.text.length, "and") + end;
}

/** Returns the text of an error, with a newline at the end. */
export function formatTomlProblem({ title, places, hint }: TomlProblem): string {
  const width = Math.max(...places.map(([place]) => String(lastLineNumber(place)).length));
  const margin = " ".repeat(width + 1);
  let text = `[error] ${title}\n`;
  let name: string | undefined;
  for (const [place, message] of places) {
    if (name !== undefined) text += `${margin} | ...\n${margin} |\n`;
    if (place.source.name !== name) text += ` --> ${place.source.name}\n${margin} |\n`;
    name = place.source.name;
    text += excerpt(place, message, width);
  }
  return text + hint;
}
