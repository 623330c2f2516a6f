/** Amounts as people are told them. */

/** Returns a count with what is counted: "1 tree", "2 trees". */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
