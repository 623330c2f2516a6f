// Locks as C++ Nix takes them (flock), so that several processes, Nix's among them, can use one store.
//
// - db/big-lock, shared while the store is open: nobody changes the schema.
// - gc.lock: exclusive while garbage is collected. Whoever adds paths holds it shared for as long as they aren't
//   registered and rooted, so that no collector takes them for garbage.
// - <path>.lock while a path is made, a list of temporary roots as long as its process runs, and temporary directories
//   while they are written to.
//
// A lock file that is removed may have been opened by others, who wait for it or are about to lock it: something is written
// to it, which tells them to open it anew.

import { hostFailed } from "../errors.ts";

/** A lock that is held until it is released. */
export interface Lock {
  release(): void;
}

/** Takes a lock on a file, which is made if need be; waits for it. */
export function lockFile(path: string, kind: "shared" | "exclusive"): Lock {
  try {
    const file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
    file.lockSync(kind === "exclusive");
    return { release: () => file.close() };
  } catch (e) {
    throw hostFailed("lock", path, e);
  }
}

/** Takes the locks of several paths of a store (host paths); waits for them. */
export function lockPaths(paths: readonly string[]): Lock {
  const held: [string, Deno.FsFile][] = [];
  const release = () => {
    for (const [path, file] of held) {
      try {
        removeLockFile(path, file);
      } catch {
        // Removing them is tidiness only.
      }
      file.close();
    }
    held.length = 0;
  };
  // Always in the same order, or two processes could wait for each other.
  for (const path of paths.map((path) => `${path}.lock`).sort()) {
    try {
      held.push([path, openLocked(path)]);
    } catch (e) {
      release();
      throw hostFailed("lock", path, e);
    }
  }
  return { release };
}

const STALE = new Uint8Array([0x64]);

/** Removes a lock file that is open and tells so those who have opened it, too. */
export function removeLockFile(path: string, file: Deno.FsFile): void {
  Deno.removeSync(path);
  file.writeSync(STALE);
}

/** Whether somebody else holds a lock on an open file or directory; if not, it is locked. `pid` is whose lock it would be. */
export function isHeld(file: Deno.FsFile, { pid }: { readonly pid: number }): boolean {
  const { tryLockSync } = file as { readonly tryLockSync?: (exclusive: boolean) => boolean };
  // Deno 2.6 can't ask without waiting. There, processes that are alive count as holding.
  return tryLockSync === undefined ? isAlive(pid) : !tryLockSync.call(file, true);
}

/** True where that can't be told. */
function isAlive(pid: number): boolean {
  if (Deno.build.os !== "linux") return true;
  try {
    Deno.statSync(`/proc/${pid}`);
    return true;
  } catch {
    return false;
  }
}

function openLocked(path: string): Deno.FsFile {
  for (;;) {
    const file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
    file.lockSync(true);
    if (file.statSync().size === 0) return file;
    file.close();
  }
}
