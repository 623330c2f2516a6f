/**
 * What a run of a case gave: its output, or the kind and message of its error.
 *
 * Kinds are read from the standard error of `nix-instantiate --show-trace`, because Nix's exit code is 1 for all of
 * them. Its form is: trace frames, outermost first, each `… what` with a place below it; then `error: message`, a
 * place, and perhaps a suggestion. So the innermost frame is the last one, and it tells a `throw` from an error whose
 * text merely looks alike. Everything is a binary string: messages quote source bytes that need not be UTF-8.
 *
 * An `.err` file is the kind, the first line of the message, and the suggestion if there is one, a line each.
 */
import { binaryFromText } from "./bytes.ts";

/**
 * Classes of errors that can be told apart from outside:
 * `parse` the source is not Nix; `undefined` a variable is not defined (found before evaluation starts); `throw` and
 * `assert` what tryEval catches; `abort`; `recursion` a value needs itself; `overflow` the call depth is exhausted;
 * `error` all others.
 */
export type ErrorKind = "parse" | "undefined" | "throw" | "assert" | "abort" | "recursion" | "overflow" | "error";

/** A finished run. All strings are binary. */
export type Outcome =
  | { readonly ok: true; readonly stdout: string; readonly stderr: string }
  | {
    readonly ok: false;
    readonly kind: ErrorKind;
    /** First line of the message. */
    readonly message: string;
    /** `Did you mean …?`, or null. */
    readonly suggestion: string | null;
    readonly stdout: string;
    readonly stderr: string;
  };

const ELLIPSIS = binaryFromText("…");
const FRAME = new RegExp(`^ +${ELLIPSIS} (.*)$`);
// deno-lint-ignore no-control-regex
const ESCAPES = new RegExp("\\u001b\\[[0-9;]*[A-Za-z]|\\u001b\\]8;;[^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)", "g");

/** Messages that Nix's parser and lexer raise besides `syntax error, …`. */
const PARSE_MESSAGES = [
  /^syntax error, /,
  /^dynamic attributes not allowed in (let|inherit)$/,
  /^attribute '.*' already defined at /,
  /^duplicate formal function argument '/,
  /^invalid (integer|float) '/,
  /^path has a trailing slash$/,
  /^experimental Nix feature 'pipe-operators' is disabled/,
  /^URL literals are disallowed/,
  /^relative path literal '.*' should be prefixed/,
  /^(absolute|home) path literals are not portable/,
];

/** Returns the text without terminal colours and hyperlinks. */
export function stripEscapes(text: string): string {
  return text.replaceAll(ESCAPES, "");
}

/** Returns the outcome that an exit code and the two outputs of `nix-instantiate --show-trace` stand for. */
export function outcomeOfRun(run: { code: number; stdout: string; stderr: string }): Outcome {
  const stderr = stripEscapes(run.stderr);
  if (run.code === 0) return { ok: true, stdout: run.stdout, stderr };
  return { ok: false, ...describeError(stderr), stdout: run.stdout, stderr };
}

/** Returns kind, first message line and suggestion of an error report without escapes. */
export function describeError(stderr: string): { kind: ErrorKind; message: string; suggestion: string | null } {
  const lines = stderr.split("\n");
  // The first `error:` opens a trace; the one that carries the message (which may be empty) comes last.
  const at = lines.findLastIndex((line) => /^ *error:( |$)/.test(line));
  if (at < 0) return { kind: "error", message: stderr.trimEnd().split("\n").at(-1) ?? "", suggestion: null };
  const message = lines[at].replace(/^ *error: ?/, "");
  const frames = lines.slice(0, at).flatMap((line) => FRAME.exec(line)?.[1] ?? []);
  const suggestion = lines.slice(at + 1).find((line) => /^ *Did you mean /.test(line))?.trim() ?? null;
  return { kind: errorKind(message, frames), message, suggestion };
}

function errorKind(message: string, frames: readonly string[]): ErrorKind {
  const innermost = frames.at(-1) ?? "";
  if (innermost === "while calling the 'throw' builtin") return "throw";
  if (/^undefined variable '/.test(message)) return "undefined";
  if (PARSE_MESSAGES.some((pattern) => pattern.test(message))) return "parse";
  if (/^evaluation aborted with the following error message: '/.test(message)) return "abort";
  if (/^infinite recursion encountered/.test(message)) return "recursion";
  if (/^stack overflow; max-call-depth exceeded/.test(message)) return "overflow";
  if (/^assertion '.*' failed$/.test(message)) return "assert";
  // `assert a == b` says what differs instead; the frames inside it lead to the place.
  const condition = frames.findLastIndex((frame) =>
    frame.startsWith("while evaluating the condition of the assertion")
  );
  if (
    condition >= 0 && frames.slice(condition + 1).every((frame) => /^where (left|right) |^while comparing /.test(frame))
  ) {
    return "assert";
  }
  return "error";
}

/** Returns the content of the `.err` file that describes a failed run. */
export function renderError(error: { kind: string; message: string; suggestion: string | null }): string {
  return [error.kind, error.message, ...(error.suggestion === null ? [] : [error.suggestion])].join("\n") + "\n";
}

/** Returns what the expectation files of a case with this outcome contain; null for those it has not. */
export function expectationOf(
  outcome: Outcome,
  compareStderr: boolean,
): { exp: string | null; err: string | null; stderr: string | null } {
  return {
    exp: outcome.ok ? outcome.stdout : null,
    err: outcome.ok ? null : renderError(outcome),
    stderr: compareStderr ? outcome.stderr : null,
  };
}
