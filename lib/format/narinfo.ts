// narinfo files: what a binary cache says of a store path. Lines of `Name: value`, unknown names ignored. References and
// deriver are base names there and whole store paths here. Error texts are C++ Nix's (libstore/nar-info.cc).
//
// The fingerprint is what is signed: path, NAR hash and size, and references, so not where or how the NAR is stored.

import { type ContentAddress, parseContentAddress, printContentAddress } from "./content_address.ts";
import { type Hash, parseHashPrefixed, printHash } from "./hash.ts";
import { parseSignature, printSignature, type Signature } from "./signature.ts";
import { type DrvPath, parseStorePath, type StoreDirOptions, type StorePath } from "./store_path.ts";
import { storePathBaseName, storePathFromBaseName } from "./store_path.ts";
import { sortedSet } from "./sorted.ts";
import { HashError, NarInfoError } from "./errors.ts";

/** What is known of a valid store path besides its contents. */
export interface PathInfo {
  readonly path: StorePath;
  readonly narHash: Hash;
  /** Bytes. */
  readonly narSize: number;
  /** Sorted. */
  readonly references: readonly StorePath[];
  readonly deriver?: DrvPath;
  readonly signatures: readonly Signature[];
  readonly ca?: ContentAddress;
}

/** A path's info with where its NAR is to be had. */
export interface NarInfo extends PathInfo {
  /** Relative to the cache. */
  readonly url: string;
  /** "none", "xz", "zstd", "bzip2" (also where the file says nothing), … */
  readonly compression: string;
  /** Of the NAR as it is stored. */
  readonly fileHash?: Hash;
  /** Bytes, as it is stored. */
  readonly fileSize?: number;
}

/** Returns what is signed. @throws {NarInfoError} if the NAR's size isn't known (0). */
export function fingerprint(info: Pick<PathInfo, "path" | "narHash" | "narSize" | "references">): string {
  const { path, narHash, narSize, references } = info;
  if (narSize === 0) {
    throw new NarInfoError(`cannot calculate fingerprint of path '${path}' because its size is not known`);
  }
  const hash = printHash(narHash, "nix32", { prefix: true });
  return `1;${path};${hash};${narSize};${sortedSet(references).join(",")}`;
}

/** Returns the text of a narinfo file. */
export function printNarInfo(info: NarInfo): string {
  const lines = [`StorePath: ${info.path}`, `URL: ${info.url}`, `Compression: ${info.compression}`];
  if (info.fileHash) lines.push(`FileHash: ${printHash(info.fileHash, "nix32", { prefix: true })}`);
  if (info.fileSize !== undefined) lines.push(`FileSize: ${info.fileSize}`);
  lines.push(`NarHash: ${printHash(info.narHash, "nix32", { prefix: true })}`, `NarSize: ${info.narSize}`);
  lines.push(`References: ${sortedSet(info.references).map(storePathBaseName).join(" ")}`);
  if (info.deriver) lines.push(`Deriver: ${storePathBaseName(info.deriver)}`);
  for (const signature of info.signatures) lines.push(`Sig: ${printSignature(signature)}`);
  if (info.ca) lines.push(`CA: ${printContentAddress(info.ca)}`);
  return lines.join("\n") + "\n";
}

/**
 * Returns what a narinfo file says; `whence` is what messages call the file.
 * @throws {NarInfoError} if a line or value is malformed or a field is missing.
 * @throws {FormatError} of another kind if a store path, signature or content address in it is malformed.
 */
export function parseNarInfo(text: string, options: StoreDirOptions & { readonly whence: string }): NarInfo {
  let line = 1;
  const corrupt = (reason: string): NarInfoError => {
    const where = line > 0 ? ` at line ${line}` : "";
    return new NarInfoError(`NAR info file '${options.whence}' is corrupt: ${reason}${where}`);
  };
  const hash = (value: string): Hash => {
    try {
      return parseHashPrefixed(value);
    } catch (error) {
      if (error instanceof HashError) throw corrupt("bad hash");
      throw error;
    }
  };
  const size = (value: string, field: string): number => {
    const bytes = /^[0-9]+$/.test(value) ? Number(value) : NaN;
    if (!Number.isSafeInteger(bytes)) throw corrupt(`invalid ${field}`);
    return bytes;
  };
  let path: StorePath | undefined;
  let deriver: DrvPath | undefined;
  let url = "";
  let compression = "";
  let fileHash: Hash | undefined;
  let fileSize: number | undefined;
  let narHash: Hash | undefined;
  let narSize = 0;
  let references: readonly StorePath[] = [];
  let ca: ContentAddress | undefined;
  const signatures: Signature[] = [];
  for (let at = 0; at < text.length; line++) {
    const colon = text.indexOf(":", at);
    if (colon < 0) throw corrupt("expecting ':'");
    // As C++ Nix does, the value begins two chars after the colon, whatever they are.
    const end = text.indexOf("\n", colon + 2);
    if (end < 0) throw corrupt("expecting '\\n'");
    const value = text.slice(colon + 2, end);
    switch (text.slice(at, colon)) {
      case "StorePath":
        path = parseStorePath(value, options);
        break;
      case "URL":
        url = value;
        break;
      case "Compression":
        compression = value;
        break;
      case "FileHash":
        fileHash = hash(value);
        break;
      case "FileSize":
        fileSize = size(value, "FileSize");
        break;
      case "NarHash":
        narHash = hash(value);
        break;
      case "NarSize":
        narSize = size(value, "NarSize");
        break;
      case "References":
        if (references.length > 0) throw corrupt("extra References");
        references = sortedSet(
          value.split(" ").filter((name) => name !== "").map((name) => storePathFromBaseName(name, options)),
        );
        break;
      case "Deriver":
        if (value !== "unknown-deriver") deriver = storePathFromBaseName(value, options) as DrvPath;
        break;
      case "Sig":
        signatures.push(parseSignature(value));
        break;
      case "CA":
        if (ca) throw corrupt("extra CA");
        ca = value === "" ? undefined : parseContentAddress(value);
        break;
    }
    at = end + 1;
  }
  line = 0;
  if (path === undefined) throw corrupt("StorePath missing");
  if (narHash === undefined) throw corrupt("NarHash missing");
  if (url === "") throw corrupt("URL missing");
  if (narSize === 0) throw corrupt("NarSize missing or zero");
  compression ||= "bzip2";
  return { path, url, compression, fileHash, fileSize, narHash, narSize, references, deriver, signatures, ca };
}
