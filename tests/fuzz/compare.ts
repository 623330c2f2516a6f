/**
 * When two results are the same, and which differences are probably one bug.
 */
import type { Result } from "./batch.ts";

/**
 * Returns a result as text to compare and to show. What no program can rely on is left out: the sign of a NaN, which
 * depends on the processor, and the parser library's wording of TOML errors.
 */
export function renderResult(result: Result): string {
  switch (result.kind) {
    case "value":
      return `value\n${result.output.replaceAll(/-nan\b/g, "nan")}`;
    case "crash":
      return `crash\n${result.report}`;
    case "error": {
      const message = result.message.replace(/^while parsing TOML: .*/, "while parsing TOML").replaceAll(
        /-nan\b/g,
        "nan",
      );
      return `error ${result.error}\n${message}\n${result.suggestion === null ? "" : result.suggestion + "\n"}`;
    }
  }
}

/** Returns whether two results differ. Where the oracle crashed there is nothing to compare with. */
export function differ(oracle: Result, devix: Result): boolean {
  if (oracle.kind === "crash") return false;
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
