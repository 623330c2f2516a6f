/**
 * Errors of the Nix program.
 *
 * A {@link NixError} carries its message, the position it points at and the frames ("while …") that the evaluator adds
 * as it unwinds. Messages are C++ Nix's own, as binary strings, with what Nix highlights wrapped in its escape codes;
 * printing to something that isn't a terminal strips every escape code, as Nix does (`lib/runtime/render_error.ts`).
 */
import { hint } from "../syntax/errors.ts";
import { NO_POS, type Pos } from "../syntax/positions.ts";

/** What kind of error it is; tryEval catches `throw` and `assert` only. */
export type ErrorKind =
  | "eval"
  | "type"
  | "throw"
  | "assert"
  | "abort"
  | "undefined-variable"
  | "missing-argument"
  | "infinite-recursion"
  | "stack-overflow"
  | "parse"
  | "io"
  | "restricted"
  | "fetch"
  | "store"
  | "usage"
  | "unsupported";

/** One frame of a trace. `always` frames (addErrorContext) are shown even where the trace is cut. */
export interface Frame {
  readonly pos: Pos;
  readonly text: string;
  readonly always: boolean;
  /** In C++ Nix it has no position at all: it repeats none that has an unknown one, and logs tell the two apart. */
  readonly placeless?: boolean;
}

let made = 0;

/** Returns how many errors there have been, caught ones too: an evaluation without any has no order that shows. */
export function errorCount(): number {
  return made;
}

/** Whether something thrown says that the native stack is full: it is full for the whole evaluation. */
export function isStackOverflow(thrown: unknown): thrown is RangeError | SyntaxError {
  // V8 compiles regular expressions, those of a program's text among them, when they are used first.
  if (thrown instanceof SyntaxError) return thrown.message.endsWith(": Stack overflow");
  return thrown instanceof RangeError && thrown.message.includes("call stack");
}

/** The Nix program is wrong. */
export class NixError extends Error {
  override readonly name = "NixError";
  readonly kind: ErrorKind;
  pos: Pos;
  /** Innermost first. */
  readonly frames: Frame[] = [];
  /** Names the user may have meant, best first. */
  suggestions: readonly string[] = [];

  constructor(kind: ErrorKind, message: string, pos: Pos = NO_POS, options?: { cause?: unknown }) {
    super(message, options);
    made++;
    this.kind = kind;
    this.pos = pos;
  }

  /** Adds a frame around those there are and returns the error, to be thrown on. */
  addFrame(pos: Pos, text: string, always = false): this {
    this.frames.push({ pos, text, always });
    return this;
  }

  /** Adds a frame that has no position, which isn't the same as an unknown one. */
  addPlacelessFrame(text: string): this {
    this.frames.push({ pos: NO_POS, text, always: false, placeless: true });
    return this;
  }

  /** Returns a copy that can collect frames of its own. */
  clone(): NixError {
    const copy = new NixError(this.kind, this.message, this.pos, { cause: this.cause });
    for (const frame of this.frames) copy.frames.push(frame);
    copy.suggestions = this.suggestions;
    return copy;
  }
}

/** Something that C++ Nix doesn't throw itself, and therefore adds no trace to. */
class TracelessError extends NixError {
  override addFrame(): this {
    return this;
  }

  override addPlacelessFrame(): this {
    return this;
  }

  override clone(): NixError {
    return this;
  }
}

/** There is no memory for what the program wants. */
export class OutOfMemory extends TracelessError {
  constructor() {
    super("eval", "out of memory");
  }
}

/** What nlohmann throws where C++ Nix doesn't make an error of its own of it. */
export class LibraryError extends TracelessError {
  constructor(message: string) {
    super("eval", message);
  }
}

/** We are wrong: an invariant of devix does not hold. */
export class Bug extends Error {
  override readonly name = "Bug";
}

export { hint };

// CSI sequences and hyperlinks.
// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b\[[0-?]*[ -\/]*[@-~]|\x1b\]8;;[^\x07\x1b]*(?:\x1b\\|\x07)/g;

/** Returns `text` without terminal escape codes. */
export function stripEscapes(text: string): string {
  return text.includes("\x1b") ? text.replace(ESCAPES, "") : text;
}

/** Returns an error of kind `eval`. */
export function evalError(message: string, pos: Pos = NO_POS): NixError {
  return new NixError("eval", message, pos);
}

/** Returns an error of kind `type`. */
export function typeError(message: string, pos: Pos = NO_POS): NixError {
  return new NixError("type", message, pos);
}

/** Returns the error of a value that needs itself. */
export function infiniteRecursion(pos: Pos): NixError {
  return new NixError("infinite-recursion", "infinite recursion encountered", pos);
}

/** Returns the error of calls nested deeper than `max-call-depth` (or than the native stack allows). */
export function stackOverflow(pos: Pos): NixError {
  return new NixError("stack-overflow", "stack overflow; max-call-depth exceeded", pos);
}

/** Returns the error of a name that nothing defines. */
export function undefinedVariable(name: string, pos: Pos): NixError {
  return new NixError("undefined-variable", hint`undefined variable '${name}'`, pos);
}

/** Returns what is to be thrown on where a frame is added: errors of the host get none. */
export function withFrame(error: unknown, pos: Pos, text: string): unknown {
  if (error instanceof NixError) return error.addFrame(pos, text);
  return error;
}

/** The same for a frame that has no position ({@link NixError.addPlacelessFrame}). */
export function withPlacelessFrame(error: unknown, text: string): unknown {
  return error instanceof NixError ? error.addPlacelessFrame(text) : error;
}
