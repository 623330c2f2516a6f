/** Archives (ustar, gzip) that are the same bytes for the same entries: no times, owners or order of the host's. */

/** A file of an archive. */
export interface TarEntry {
  /** At most 100 bytes. */
  readonly path: string;
  readonly contents: Uint8Array<ArrayBuffer>;
  readonly executable?: boolean;
}

const BLOCK = 512;

/** Returns the archive of some files. @throws {RangeError} if a path is too long */
export async function tarGz(entries: readonly TarEntry[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts: BlobPart[] = [];
  for (const entry of entries) {
    const { length } = entry.contents;
    parts.push(header(entry), entry.contents, new Uint8Array((BLOCK - length % BLOCK) % BLOCK));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const stream = new Blob(parts).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function header({ path, contents, executable = false }: TarEntry): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  const octal = (at: number, value: number, digits: number) => put(at, value.toString(8).padStart(digits, "0"));
  if (new TextEncoder().encode(path).length > 100) {
    throw new RangeError(`Cannot archive "${path}": its name is too long`);
  }
  put(0, path);
  octal(100, executable ? 0o755 : 0o644, 7);
  octal(108, 0, 7);
  octal(116, 0, 7);
  octal(124, contents.length, 11);
  // 1980: some programs take 0 for a mistake.
  octal(136, 315532800, 11);
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(265, "root");
  put(297, "root");
  octal(148, block.reduce((sum, byte) => sum + byte, 0), 6);
  block[154] = 0;
  return block;
}
