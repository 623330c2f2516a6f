// SHA-256 of OpenSSL's libcrypto, where there is one. It is what node:crypto computes in as much time, but to have it takes
// 4 ms and not 16 to 40: the first module of Node's that is wanted sets up all of Node's globals in Deno 2.9, a tenth of a
// small evaluation. The three calls are as old as OpenSSL, which 3 declares deprecated in favour of slower ones. Linux only:
// macOS ends programs that load its own.

import { encodeBase16 } from "./base_encodings.ts";

/** What there is under the same name in each version: the libraries of OpenSSL 3 and 1.1. */
const LIBRARIES = ["libcrypto.so.3", "libcrypto.so.1.1"];

/** Holds SHA256_CTX, which has 112 bytes. */
const CONTEXT_SIZE = 128;
const DIGEST_SIZE = 32;

/** Hashes in one go and piece by piece. */
export interface NativeSha256 {
  /** Returns the digest of bytes in base16. */
  hex(bytes: Uint8Array): string;
  /** Puts the digest of bytes into 32 others. */
  hashInto(digest: Uint8Array, bytes: Uint8Array): void;
  /** Begins to hash pieces. */
  create(): Sha256Stream;
}

/** Hashes pieces. */
export interface Sha256Stream {
  update(bytes: Uint8Array): void;
  /** Returns the digest of all of them. */
  digest(): Uint8Array<ArrayBuffer>;
}

/** Returns libcrypto's SHA-256; undefined where it can't be had: elsewhere, or without the permission to load it. */
export function openLibcrypto(): NativeSha256 | undefined {
  if (globalThis.Deno?.build.os !== "linux") return undefined;
  for (const name of LIBRARIES) {
    try {
      return overLibcrypto(load(name));
    } catch {
      // It isn't there.
    }
  }
  return undefined;
}

type Buffer = Uint8Array<ArrayBuffer>;

function load(name: string) {
  return Deno.dlopen(name, {
    SHA256_Init: { parameters: ["buffer"], result: "i32" },
    SHA256_Update: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
    SHA256_Final: { parameters: ["buffer", "buffer"], result: "i32" },
  }).symbols;
}

function overLibcrypto(library: ReturnType<typeof load>): NativeSha256 {
  const begin = (context: Buffer) => void library.SHA256_Init(context);
  const add = (context: Buffer, bytes: Uint8Array) =>
    void library.SHA256_Update(context, bytes as Buffer, bytes.length as never);
  const end = (digest: Uint8Array, context: Buffer) => void library.SHA256_Final(digest as Buffer, context);

  // One context and one digest do for all that is hashed in one go.
  const context = new Uint8Array(CONTEXT_SIZE);
  const result = new Uint8Array(DIGEST_SIZE);
  const hashInto = (digest: Uint8Array, bytes: Uint8Array) => {
    begin(context);
    add(context, bytes);
    end(digest, context);
  };
  return {
    hashInto,
    hex(bytes) {
      hashInto(result, bytes);
      return encodeBase16(result);
    },
    create() {
      const own = new Uint8Array(CONTEXT_SIZE);
      begin(own);
      return {
        update: (bytes) => add(own, bytes),
        digest() {
          const digest = new Uint8Array(DIGEST_SIZE);
          end(digest, own);
          return digest;
        },
      };
    },
  };
}
