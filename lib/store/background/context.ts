// What both sides of a background store know of each other.

import { utf8ToBinary } from "../../format/bytes.ts";
import type { StoreLayout } from "../local/layout.ts";
import type { PathInfo } from "../store.ts";
import type { DaemonPlace } from "./daemon_target.ts";

/** A store to write to. */
export type StorePlace = DaemonPlace | { readonly kind: "local"; readonly mode: string; readonly layout: StoreLayout };

/** Returns where on the host the files of a store lie, as a binary string; undefined if at their paths, or nobody knows. */
export function realStoreDirOf(place: StorePlace, storeDir: string): string | undefined {
  const real = place.kind === "local" ? place.layout.realStoreDir : place.realStoreDir;
  return real === undefined || utf8ToBinary(real) === storeDir ? undefined : utf8ToBinary(real);
}

/** What the worker is opened with. */
export interface BackgroundContext {
  /** The first that can be opened is taken. */
  readonly places: readonly StorePlace[];
  readonly storeDir: string;
  /** Two flags: see {@link IDLE} and {@link FAILED}. */
  readonly flags: SharedArrayBuffer;
}

/** Index of the flag that is 1 while the worker waits for something to do. */
export const IDLE = 0;
/** Index of the flag that is 1 once nothing more will be written. */
export const FAILED = 1;

/** A {@link PathInfo} as JSON can say it. */
export interface PathInfoMessage extends Omit<PathInfo, "narHash" | "ca"> {
  readonly narHash?: string;
  readonly ca?: string;
}
