// Opening the first store of several that is there.

import { NoDaemonError } from "../daemon/errors.ts";
import type { StorePlace } from "./context.ts";
import { DaemonTarget } from "./daemon_target.ts";
import { LocalTarget } from "./local_target.ts";
import type { Target } from "./target.ts";

/** How to open a store. */
export interface OpenTargetOptions {
  readonly storeDir: string;
  /** Is told of what a daemon has to say, line by line; binary strings. */
  readonly onLine?: (line: string) => void;
}

/** Opens the first of the places that is there. @throws {StoreError} of the last one if there is none */
export async function openTarget(places: readonly StorePlace[], options: OpenTargetOptions): Promise<Target> {
  const { storeDir, onLine } = options;
  for (const [i, place] of places.entries()) {
    try {
      if (place.kind === "local") return new LocalTarget(place);
      return await DaemonTarget.open(place, { storeDir, onLog: (log) => log.type === "message" && onLine?.(log.text) });
    } catch (e) {
      // One that isn't there gives way to the next; one that is there and can't be talked to doesn't.
      if (!(e instanceof NoDaemonError) || i === places.length - 1) throw e;
    }
  }
  throw new Error("no place to open a store at");
}
