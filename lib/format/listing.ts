// A hash for what a directory lists, in no order: to tell later whether it lists the same.

import { hashHex } from "./hash.ts";

/** Returns SHA-256 (base16) of the names and types of directory entries, whatever their order. */
export function hashListing(entries: readonly (readonly [name: string, type: string])[]): string {
  const names = entries.map(([name, type]) => `${name}\0${type}\0`).sort();
  return hashHex("sha256", names.join(""));
}
