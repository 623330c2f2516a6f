/**
 * What an error looks like: the text C++ Nix 2.34 writes for it, byte for byte, escape codes included. Whoever prints it
 * to something that isn't a terminal takes them out again (`filterEscapes` in `lib/log/terminal.ts`).
 *
 * An error without a trace is its message, its position and three lines of source. With a trace the frames come first,
 * outermost on top, below a bare `error:`. Things that surprise:
 * - Without `--show-trace` a frame is shown while fewer than four were counted, and a frame with a position counts twice.
 *   Frames of `addErrorContext` are shown all the same.
 * - A frame that was shown before (same text, same place) is held back. Up to five such in a row are shown when the next
 *   new frame comes, more become one line that counts them.
 * - Every line after the first is indented by the width of `error: `, and trailing white space is cut from every line.
 * - Source lines are split as the language counts them: at LF, CRLF and a lone CR. Text that came from a string or from
 *   stdin ends at its first NUL.
 */
import { NO_POS, type Pos, type PosTable, type ResolvedPos } from "../syntax/positions.ts";
import type { Frame, NixError } from "./errors.ts";
import { showPos } from "./print.ts";

const NORMAL = "\x1b[0m";
const RED = "\x1b[31;1m";
const BLUE = "\x1b[34;1m";
const WARNING = "\x1b[35;1m";

const ELLIPSIS = "\xe2\x80\xa6";
const TRUNCATED = "(stack trace truncated; use '--show-trace' to show the full, detailed trace)";

/** What rendering needs besides the error. */
export interface RenderOptions {
  readonly positions: PosTable;
  /** Whether all frames are shown (`show-trace`). */
  readonly showTrace: boolean;
}

/** Returns an error as C++ Nix prints it, without a newline at the end. */
export function renderError(error: NixError, options: RenderOptions): string {
  const prefix = `${RED}error:${NORMAL} `;
  const { positions, showTrace } = options;
  const trace = error.frames.length > 0 ? renderTrace(error.frames, positions, showTrace) + "\n" + prefix : "";
  const body = trace + error.message + "\n" + renderPos(error.pos, "", positions) +
    renderSuggestions(error.suggestions);
  return indent(prefix, "error: ".length, body);
}

/** Returns a warning as C++ Nix prints it; `fromExpr` marks those of `builtins.warn`. */
export function renderWarning(
  text: string,
  options: { readonly positions: PosTable; readonly pos?: Pos; readonly fromExpr?: boolean },
): string {
  const words = options.fromExpr ? "evaluation warning: " : "warning: ";
  const prefix = `${WARNING}${words.trimEnd()}${NORMAL} `;
  return indent(prefix, words.length, text + "\n" + renderPos(options.pos ?? NO_POS, "", options.positions));
}

function renderTrace(frames: readonly Frame[], positions: PosTable, showTrace: boolean): string {
  let out = "";
  let count = 0;
  const seen = new Set<string>();
  let repeated: Frame[] = [];
  let truncated = false;

  const show = (frame: Frame) => {
    const place = renderPos(frame.pos, "  ", positions);
    out += `\n${ELLIPSIS} ${frame.text}\n${place}`;
    if (place !== "") count++;
  };
  const flushRepeated = () => {
    if (repeated.length <= 5) repeated.forEach(show);
    else out += `\n${WARNING}(${repeated.length} duplicate frames omitted)${NORMAL}\n`;
    repeated = [];
  };

  for (let i = frames.length - 1; i >= 0; i--) {
    const frame = frames[i];
    if (frame.text === "") continue;
    if (!showTrace && count > 3) truncated = true;
    if (truncated && !frame.always) continue;
    const key = identity(frame, positions);
    if (seen.has(key)) {
      repeated.push(frame);
      continue;
    }
    seen.add(key);
    flushRepeated();
    count++;
    show(frame);
  }
  flushRepeated();
  if (truncated) out += `\n${WARNING}${TRUNCATED}${NORMAL}\n`;
  return out;
}

/** Two frames with the same identity look the same. */
function identity(frame: Frame, positions: PosTable): string {
  const at = positions.resolve(frame.pos);
  if (at === undefined) return frame.placeless ? frame.text : `?\n${frame.text}`;
  // Strings all have the same name: tell them apart by where they are registered.
  const source = at.origin.kind === "file" ? "" : at.source.base;
  return `${source}${showPos(positions, frame.pos)}\n${frame.text}`;
}

function renderPos(pos: Pos, indentation: string, positions: PosTable): string {
  const at = positions.resolve(pos);
  if (at === undefined) return "";
  return `${indentation}${BLUE}at ${WARNING}${showPos(positions, pos)}${NORMAL}:${renderCode(at)}\n`;
}

/** The line of the position with a mark under it, and those around it. */
function renderCode(at: ResolvedPos): string {
  const { text } = at.source;
  const nul = at.origin.kind === "file" ? -1 : text.indexOf("\0");
  const end = nul < 0 ? text.length : nul;
  const start = at.offset - (at.column - 1);
  let out = "";
  if (start > 0) {
    const before = endOfLine(text, start, end);
    out += codeLine(at.line - 1, text.slice(startOfLine(text, before), before));
  }
  if (start > end || (start === end && start === 0)) return out;
  let stop = start;
  while (stop < end && !isLineEnd(text, stop)) stop++;
  out += codeLine(at.line, text.slice(start, stop));
  out += `\n      |${" ".repeat(at.column)}${RED}^${NORMAL}`;
  if (stop < end) {
    const next = stop + (text[stop] === "\r" && text[stop + 1] === "\n" ? 2 : 1);
    let nextStop = next;
    while (nextStop < end && !isLineEnd(text, nextStop)) nextStop++;
    out += codeLine(at.line + 1, text.slice(next, nextStop));
  }
  return out;
}

function codeLine(number: number, text: string): string {
  return `\n ${String(number).padStart(5)}| ${text}`;
}

function isLineEnd(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === 10 || c === 13;
}

/** Where the line that ends just before `next`, the start of a line, ends. */
function endOfLine(text: string, next: number, end: number): number {
  const last = Math.min(next, end) - 1;
  return text[last] === "\n" && text[last - 1] === "\r" ? last - 1 : last;
}

function startOfLine(text: string, stop: number): number {
  let start = stop;
  while (start > 0 && !isLineEnd(text, start - 1)) start--;
  return start;
}

function renderSuggestions(names: readonly string[]): string {
  if (names.length === 0) return "";
  const painted = names.map((name) => `${WARNING}${name}${NORMAL}`);
  const last = painted.pop()!;
  const list = painted.length === 0 ? last : `one of ${painted.join(", ")} or ${last}`;
  return `Did you mean ${list}?\n`;
}

function indent(prefix: string, width: number, body: string): string {
  const rest = " ".repeat(width);
  const text = chomp(body);
  if (text === "") return "";
  const lines = text.split("\n");
  return lines.map((line, i) => chomp((i === 0 ? prefix : rest) + line)).join("\n");
}

function chomp(text: string): string {
  let end = text.length;
  while (end > 0 && " \n\r\t".includes(text[end - 1])) end--;
  return text.slice(0, end);
}
