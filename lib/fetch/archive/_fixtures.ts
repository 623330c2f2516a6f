// Tar archives for tests, made byte by byte so that malformed ones can be had too.

import { binaryToBytes, concatBytes } from "../../format/bytes.ts";

/** A member of a test archive; everything but the name has a default. */
export interface Member {
  readonly name: string;
  readonly type?: string;
  readonly data?: Uint8Array | string;
  readonly linkName?: string;
  readonly mode?: number;
  readonly mtime?: number;
  /** Written into the header instead of the real one. */
  readonly size?: number;
  readonly magic?: string;
  readonly prefix?: string;
  readonly checksum?: number;
}

/** Returns a header and padded contents. */
function tarMember(member: Member): Uint8Array {
  const { name, type = "0", linkName = "", mode = 0o644, mtime = 0, magic = "ustar\x0000", prefix = "" } = member;
  const data = typeof member.data === "string" ? binaryToBytes(member.data) : member.data ?? new Uint8Array(0);
  const block = new Uint8Array(512);
  const put = (at: number, text: string) => block.set(binaryToBytes(text), at);
  const octal = (n: number, length: number) => n.toString(8).padStart(length - 1, "0") + "\0";
  put(0, name.slice(0, 100));
  put(100, octal(mode, 8));
  put(108, octal(0, 8));
  put(116, octal(0, 8));
  put(124, octal(member.size ?? data.length, 12));
  put(136, octal(mtime, 12));
  put(148, "        ");
  put(156, type);
  put(157, linkName.slice(0, 100));
  put(257, magic);
  put(345, prefix);
  put(148, octal(member.checksum ?? block.reduce((sum, byte) => sum + byte, 0), 7) + " ");
  return concatBytes([block, data, new Uint8Array((512 - data.length % 512) % 512)]);
}

/** Returns an archive with end mark. */
export function tar(members: readonly Member[]): Uint8Array {
  return concatBytes([...members.map(tarMember), new Uint8Array(1024)]);
}

/** Returns the contents of a pax header. */
export function paxRecords(records: Readonly<Record<string, string>>): string {
  let text = "";
  for (const [key, value] of Object.entries(records)) {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length++;
    text += length + rest;
  }
  return text;
}
