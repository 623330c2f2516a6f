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

/** Bytes that arrive in pieces. Who gets a piece may keep it. */
export type ByteStream = AsyncIterable<Uint8Array>;
