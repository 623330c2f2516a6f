// Hashes of OpenSSL's libcrypto, where there is one. They are what node:crypto computes in as much time, but to have them takes
// 4 ms and not 16 to 40: the first module of Node's that is wanted sets up all of Node's globals in Deno 2.9, a tenth of a
// small evaluation. The three calls for each are as old as OpenSSL, which 3 declares deprecated in favour of slower ones.
// Linux only: macOS ends programs that load its own.

import { encodeBase16 } from "./base_encodings.ts";

/** What there is under the same name in each version: the libraries of OpenSSL 3 and 1.1. */
const LIBRARIES = ["libcrypto.so.3", "libcrypto.so.1.1"];

/** Holds SHA512_CTX, the largest, which has 216 bytes. */
const CONTEXT_SIZE = 256;

/** What is hashed by libcrypto. */
export type NativeAlgo = "md5" | "sha1" | "sha256" | "sha512";

/** How the calls for an algorithm begin, and the digest of nothing. */
const ALGORITHMS: Readonly<Record<NativeAlgo, { readonly prefix: string; readonly digestOfNothing: string }>> = {
  md5: { prefix: "MD5", digestOfNothing: "d41d8cd98f00b204e9800998ecf8427e" },
  sha1: { prefix: "SHA1", digestOfNothing: "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
  sha256: {
    prefix: "SHA256",
    digestOfNothing: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  },
  sha512: {
    prefix: "SHA512",
    digestOfNothing: "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" +
      "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  },
};

const NOTHING = new Uint8Array();

/** Hashes in one go and piece by piece. */
export interface NativeHash {
  /** Returns the digest of bytes in base16. */
  hex(bytes: Uint8Array): string;
  /** Puts the digest of bytes into as many others as it has. */
  hashInto(digest: Uint8Array, bytes: Uint8Array): void;
  /** Begins to hash pieces. */
  create(): HashStream;
}

/** Hashes pieces. */
export interface HashStream {
  update(bytes: Uint8Array): void;
  /** Returns the digest of all of them. */
  digest(): Uint8Array<ArrayBuffer>;
}

/** Returns libcrypto's hash; undefined where it can't be had: elsewhere, or without the permission to load it. */
export function openLibcrypto(algo: NativeAlgo): NativeHash | undefined {
  if (globalThis.Deno?.build.os !== "linux" || !mayLoad()) return undefined;
  const { prefix, digestOfNothing } = ALGORITHMS[algo];
  for (const name of LIBRARIES) {
    try {
      const native = overLibcrypto(load(name, prefix), digestOfNothing.length / 2);
      // Something else may have the name, and a library that is to be FIPS 140 may refuse the old calls.
      if (native.hex(NOTHING) === digestOfNothing) return native;
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

function load(name: string, prefix: string) {
  return Deno.dlopen(name, {
    init: { name: `${prefix}_Init`, parameters: ["pointer"], result: "i32" },
    update: { name: `${prefix}_Update`, parameters: ["pointer", "buffer", "usize"], result: "i32" },
    final: { name: `${prefix}_Final`, parameters: ["buffer", "pointer"], result: "i32" },
  }).symbols;
}

function overLibcrypto(library: ReturnType<typeof load>, digestSize: number): NativeHash {
  /** One context does for all that is hashed in one go. */
  const shared = new Context(library, digestSize);
  const result = new Uint8Array(digestSize);
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
    create: () => new Context(library, digestSize).begin(),
  };
}

/** SHA256_CTX or another algorithm's. */
class Context implements HashStream {
  readonly #library: ReturnType<typeof load>;
  readonly #digestSize: number;
  readonly #bytes = new Uint8Array(CONTEXT_SIZE);
  // A quarter quicker than the bytes, as long as V8 hasn't compiled the calls.
  readonly #pointer = Deno.UnsafePointer.of(this.#bytes);

  constructor(library: ReturnType<typeof load>, digestSize: number) {
    this.#library = library;
    this.#digestSize = digestSize;
  }

  begin(): this {
    this.#library.init(this.#pointer);
    return this;
  }

  update(bytes: Uint8Array): void {
    // Deno takes a number as well, and quicker than a bigint, which its types want.
    const length = bytes.length as number | bigint as bigint;
    this.#library.update(this.#pointer, bytes as Uint8Array<ArrayBuffer>, length);
  }

  end(digest: Uint8Array): void {
    this.#library.final(digest as Uint8Array<ArrayBuffer>, this.#pointer);
  }

  digest(): Uint8Array<ArrayBuffer> {
    const digest = new Uint8Array(this.#digestSize);
    this.end(digest);
    return digest;
  }
}
