/**
 * Stands in for `node:buffer` where there is none: as much of it as the language needs (lib/format/bytes.ts), which is
 * bytes to binary strings.
 */

const CHUNK = 8192;

/** As much of Node's Buffer as there is here. */
export interface Latin1 {
  /** Returns what makes a binary string of a range of bytes. */
  from(buffer: ArrayBuffer, offset: number, length: number): { toString(encoding: "latin1"): string };
}

/** What the language takes from `node:buffer`. */
export const Buffer: Latin1 = {
  from(buffer, offset, length) {
    const bytes = new Uint8Array(buffer, offset, length);
    return {
      toString() {
        let text = "";
        for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
        return text;
      },
    };
  },
};
