/**
 * The list of accepted differences, `tests/divergences.txt`: one case per line, its name, white space, the reason.
 * `#` starts a comment line. A listed case still runs; when it passes, the entry is out of date and the suite fails.
 */

/**
 * Returns the reasons by case name.
 *
 * @throws {SyntaxError} on an entry without a reason or a case listed twice
 */
export function parseDivergences(text: string): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const match = /^(\S+)\s+(\S.*)$/.exec(line);
    if (!match) throw new SyntaxError(`Cannot parse divergences: line ${index + 1} gives no reason`);
    if (reasons.has(match[1])) throw new SyntaxError(`Cannot parse divergences: "${match[1]}" is listed twice`);
    reasons.set(match[1], match[2]);
  }
  return reasons;
}
