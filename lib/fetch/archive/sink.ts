// What archives are read into.

/** Takes the members of an archive in their order. Paths are as in the archive; whoever takes them checks them. */
export interface ArchiveSink {
  directory(path: string): void;
  symlink(path: string, target: string): void;
  /** A file; its contents follow. */
  file(path: string, options: { readonly executable: boolean }): void;
  /** Some of the contents of the last file. Valid until the call returns. */
  contents(chunk: Uint8Array): void;
  /** Another name of a file that may come later. */
  hardLink(path: string, target: string): void;
}

/** Bytes that arrive in pieces. Who gets a piece may keep it, or {@link release} it. */
export type ByteStream = AsyncIterable<Uint8Array>;

/**
 * Gives back the memory of a piece that its owner is done with. Buffers are small objects for the garbage collector, which
 * lets 50 MB of them pile up before it looks: this is most of what unpacking takes. A piece that shares its buffer with
 * others is left alone.
 */
export function release(piece: Uint8Array): void {
  const { buffer } = piece;
  if (piece.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Returns what of a name counts: C programs read it to its first NUL byte. */
export function untilNul(text: string): string {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}
