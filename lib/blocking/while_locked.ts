// SQLite waits for locks (`busy_timeout`), but not with turning a database to WAL, nor with statements that begin by reading:
// where several processes make the same database at the same time, all but one are refused at once.

const PAUSE_MS = 10;

/** Runs `action`, and again as long as it fails because somebody else has the lock; after `timeoutMs` it fails. */
export function whileLocked<T>(action: () => T, { timeoutMs }: { readonly timeoutMs: number }): T {
  for (let waited = 0;; waited += PAUSE_MS) {
    try {
      return action();
    } catch (e) {
      if (waited >= timeoutMs || !/database is locked/.test(String(e))) throw e;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
