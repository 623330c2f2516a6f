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

const NOTHING = new Uint8Array();
const DIGEST_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

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
  if (globalThis.Deno?.build.os !== "linux" || !mayLoad()) return undefined;
  for (const name of LIBRARIES) {
    try {
      const native = overLibcrypto(load(name));
      // Something else may have the name, and a library that is to be FIPS 140 may refuse the old calls.
      if (native.hex(NOTHING) === DIGEST_OF_NOTHING) return native;
    } catch {
      // It isn't there.
    }
  }
  return undefined;
}

/** To ask is to be asked for, at a terminal. With the permission for some libraries only Deno takes names for files. */
function mayLoad(): boolean {
  const { state, partial } = Deno.permissions.querySync({ name: "ffi" });
  return state === "granted" && partial !== true;
}

function load(name: string) {
  return Deno.dlopen(name, {
    SHA256_Init: { parameters: ["pointer"], result: "i32" },
    SHA256_Update: { parameters: ["pointer", "buffer", "usize"], result: "i32" },
    SHA256_Final: { parameters: ["buffer", "pointer"], result: "i32" },
  }).symbols;
}

function overLibcrypto(library: ReturnType<typeof load>): NativeSha256 {
  /** One context does for all that is hashed in one go. */
  const shared = new Context(library);
  const result = new Uint8Array(DIGEST_SIZE);
  const hashInto = (digest: Uint8Array, bytes: Uint8Array) => {
    shared.begin();
    shared.update(bytes);
    shared.end(digest);
  };
  return {
    hashInto,
    hex(bytes) {
      hashInto(result, bytes);
      return encodeBase16(result);
    },
    create: () => new Context(library).begin(),
  };
}

/** SHA256_CTX. */
class Context implements Sha256Stream {
  readonly #library: ReturnType<typeof load>;
  readonly #bytes = new Uint8Array(CONTEXT_SIZE);
  // A quarter quicker than the bytes, as long as V8 hasn't compiled the calls.
  readonly #pointer = Deno.UnsafePointer.of(this.#bytes);

  constructor(library: ReturnType<typeof load>) {
    this.#library = library;
  }

  begin(): this {
    this.#library.SHA256_Init(this.#pointer);
    return this;
  }

  update(bytes: Uint8Array): void {
    // Deno takes a number as well, and quicker than a bigint, which its types want.
    const length = bytes.length as number | bigint as bigint;
    this.#library.SHA256_Update(this.#pointer, bytes as Uint8Array<ArrayBuffer>, length);
  }

  end(digest: Uint8Array): void {
    this.#library.SHA256_Final(digest as Uint8Array<ArrayBuffer>, this.#pointer);
  }

  digest(): Uint8Array<ArrayBuffer> {
    const digest = new Uint8Array(DIGEST_SIZE);
    this.end(digest);
    return digest;
  }
}
