// Whom scratch files in the cache belong to: a session, which is a process and a number. What a session leaves behind when
// it is killed is removed by another one later (cache.ts).

/** Returns a name for a session of this process. */
export function newSession(): string {
  return `${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
}

/** Removes the scratch files of a session, once nobody uses them any more. */
export function endSession(cacheDir: string, session: string): void {
  removeScratch(`${cacheDir}/tmp/${session}`);
}

/** Removes a folder of scratch files if it can be. */
export function removeScratch(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It isn't there, or another process is at it too.
  }
}

/** Whether a process is running; true where that can't be told. */
export function isAlive(pid: string): boolean {
  if (Deno.build.os !== "linux") return true;
  try {
    Deno.statSync(`/proc/${pid}`);
    return true;
  } catch (e) {
    return !(e instanceof Deno.errors.NotFound);
  }
}
