/**
 * When two results are the same, and which differences are probably one bug.
 */
import type { Result } from "./batch.ts";

/**
 * Returns a result as text to compare and to show. What no program can rely on is left out: the sign of a NaN, which
 * depends on the processor, places in Nix's own files, whose text is ours, the time.
 */
export function renderResult(result: Result): string {
  switch (result.kind) {
    case "value":
      return `value\n${neutral(result.output)}`;
    case "crash":
      return `crash\n${result.report}`;
    case "error": {
      return `error ${result.error}\n${neutral(result.message)}\n${
        result.suggestion === null ? "" : result.suggestion + "\n"
      }`;
    }
  }
}

function neutral(text: string): string {
  return text.replaceAll(/-nan\b/g, "nan").replaceAll(/(-internal\.nix):\d+:\d+/g, "$1")
    .replaceAll(/(currentTime\W+(?:int value=")?)\d+/g, "$1");
}

/**
 * Messages that differ for reasons that are no bugs: C++ Nix looks for a .drv in the store first, which `dummy://` never
 * holds, devix knows it and says that it cannot build.
 */
const ACCEPTED: readonly (readonly [oracle: RegExp, devix: RegExp])[] = [
  [/^path '.*\.drv' is not valid$/, /^cannot build '.*' during evaluation/],
];

/** Returns whether two results differ. Where the oracle crashed there is nothing to compare with. */
export function differ(oracle: Result, devix: Result): boolean {
  if (oracle.kind === "crash") return false;
  if (oracle.kind === "error" && devix.kind === "error") {
    if (ACCEPTED.some(([left, right]) => left.test(oracle.message) && right.test(devix.message))) return false;
  }
  return devix.kind === "crash" || renderResult(oracle) !== renderResult(devix);
}

/**
 * Returns a text that is the same for differences of the same sort: values are reduced to their having been values,
 * messages lose names, numbers and quoted parts.
 */
export function signature(oracle: Result, devix: Result): string {
  return `${reduced(oracle)} | ${reduced(devix)}`;
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
