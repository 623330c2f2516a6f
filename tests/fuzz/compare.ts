/**
 * When two results are the same, and which differences are probably one bug.
 */
import type { Result } from "./batch.ts";

/**
 * Returns a result as text to compare and to show. What no program can rely on is left out: the sign of a NaN, which
 * depends on the processor, and the time.
 */
export function renderResult(result: Result): string {
  switch (result.kind) {
    case "value":
      return `value\n${neutral(result.output)}`;
    case "crash":
      return `crash\n${result.report}`;
    case "error": {
      // Where the message is that of several errors (TOML), so is the trace.
      return `error ${result.error}\n${neutral(result.message)}\n${
        result.suggestion === null ? "" : result.suggestion + "\n"
      }${neutral(result.trace)}`;
    }
  }
}

function neutral(text: string): string {
  return text.replaceAll(/-nan\b/g, "nan").replaceAll(/(currentTime\W+(?:int value=")?)\d+/g, "$1");
}

/**
 * What is said of paths that evaluation itself has made: `dummy://` never holds them, so C++ Nix cannot read them.
 */
const NOT_IN_DUMMY_STORE = /^path '.*' is not valid$/;

/** Returns whether two results differ. Where the oracle crashed there is nothing to compare with. */
export function differ(oracle: Result, devix: Result): boolean {
  if (oracle.kind === "crash") return false;
  if (oracle.kind === "error" && NOT_IN_DUMMY_STORE.test(oracle.message) && devix.kind !== "crash") return false;
  return devix.kind === "crash" || renderResult(oracle) !== renderResult(devix);
}

/**
 * Returns a text that is the same for differences of the same sort: values are reduced to their having been values,
 * messages lose names, numbers and quoted parts.
 */
export function signature(oracle: Result, devix: Result): string {
  if (reduced(oracle) === reduced(devix) && oracle.kind === "error" && devix.kind === "error") {
    return `trace: ${firstDifference(oracle.trace, devix.trace)}`;
  }
  return `${reduced(oracle)} | ${reduced(devix)}`;
}

/** Returns the lines that tell two traces apart, without names and numbers. */
function firstDifference(left: string, right: string): string {
  const [a, b] = [left, right].map((trace) =>
    trace.split("\n").map((line) =>
      line.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/g, "_").replace(/^ *\d*\|.*/, "|").replaceAll(/\d+/g, "0")
    )
  );
  const at = a.findIndex((line, index) => line !== b[index]);
  return `${a[at] ?? ""} | ${b[at] ?? ""}`;
}

/** Returns one side's part of a {@link signature}. */
export function reduced(result: Result): string {
  switch (result.kind) {
    case "value":
      return "value";
    case "crash":
      return "crash";
    case "error": {
      const message = result.message.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/g, "_").replaceAll(/\/[^ ,:]+/g, "/")
        .replaceAll(/-?[0-9]+(\.[0-9]+)?/g, "0").replace(/([:;] |values are ).*/, "$1_");
      return `${result.error} ${message}${result.suggestion === null ? "" : " ?"}`;
    }
  }
}
