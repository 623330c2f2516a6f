// Text of errors, for tests.

/** Returns a message without what Nix highlights. */
export function stripMarks(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}
