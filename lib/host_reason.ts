/** What the host says of a call that failed, in its own words: Deno adds a number, and most often which call it was. */

/** Returns what strerror says: "Permission denied". */
export function hostReason(thrown: unknown): string {
  return partsOf(thrown).reason;
}

/** Returns the same after what was done with what, if that is known: "readdir '/root': Permission denied". */
export function hostFailure(thrown: unknown): string {
  const { reason, call } = partsOf(thrown);
  return call === undefined ? reason : `${call}: ${reason}`;
}

function partsOf(thrown: unknown): { readonly reason: string; readonly call?: string } {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const [, reason = message, call] = /^(.*?) \(os error \d+\)(?:: (.*))?$/s.exec(message) ?? [];
  return { reason, call };
}
