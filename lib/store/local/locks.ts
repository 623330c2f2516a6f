// Locks as C++ Nix takes them (flock), so that several processes, Nix's among them, can use one store.
//
// - db/big-lock, shared while the store is open: nobody changes the schema.
// - gc.lock: exclusive while garbage is collected. Whoever adds paths holds it shared for as long as they aren't
//   registered and rooted, so that no collector takes them for garbage.
// - <path>.lock while a path is made. It is removed afterwards; since others may wait for the removed file, something is
//   written to it, which tells them to open it anew.

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
        Deno.removeSync(path);
        file.writeSync(STALE);
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

function openLocked(path: string): Deno.FsFile {
  for (;;) {
    const file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
    file.lockSync(true);
    if (file.statSync().size === 0) return file;
    file.close();
  }
}
