// Names on the host. Paths are binary strings here, and Deno's calls take JavaScript strings: ASCII is the same in both,
// other UTF-8 is decoded, and a name that isn't UTF-8 can only be had through libc (libc.ts).

import { binaryToUtf8, isAscii } from "../../format/bytes.ts";

/** Returns what Deno's calls take for a path; undefined if they can't name it. */
export function hostPath(path: string): string | undefined {
  if (isAscii(path)) return path;
  const decoded = binaryToUtf8(path);
  return decoded.includes("\ufffd") ? undefined : decoded;
}
