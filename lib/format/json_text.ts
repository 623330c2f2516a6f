// JSON as C++ Nix writes it: compact, keys sorted by bytes, UTF-8 not escaped. Text is a binary string holding UTF-8.

import { binaryToBytes, isAscii } from "./bytes.ts";

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the JSON of a binary string that holds UTF-8; undefined if it doesn't. */
export function quoteJson(text: string): string | undefined {
  if (!isAscii(text)) {
    try {
      strictDecoder.decode(binaryToBytes(text));
    } catch {
      return undefined;
    }
  }
  // Escapes what must be escaped and nothing from 0x80 up, so it works on the bytes of UTF-8 as on chars.
  return JSON.stringify(text);
}

/** Returns the JSON of an object with members whose values are JSON already, in the order given. */
export function printJsonObject(members: Iterable<readonly [string, string]>): string {
  return `{${Array.from(members, ([key, value]) => `${key}:${value}`).join(",")}}`;
}
