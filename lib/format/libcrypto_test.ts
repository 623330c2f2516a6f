import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { openLibcrypto } from "./_libcrypto.ts";

const ALGORITHMS = ["md5", "sha1", "sha256", "sha512"] as const;

const native = openLibcrypto("sha256");
// Where there is none, node:crypto hashes, and there is nothing to compare.
const options = { ignore: native === undefined };

const expected = (bytes: Uint8Array, algo = "sha256") => createHash(algo).update(bytes).digest("hex");

for (const algo of ALGORITHMS) {
  Deno.test(`libcrypto's ${algo} is node:crypto's`, options, () => {
    const native = openLibcrypto(algo)!;
    const random = new Uint8Array(70_000).map((_, i) => (i * 2654435761) >>> 24);
    for (const length of [0, 1, 55, 56, 63, 64, 65, 111, 112, 119, 120, 127, 128, 129, 1000, 65_536, 70_000]) {
      const bytes = random.subarray(3, 3 + length);
      const hex = expected(bytes, algo);
      assertEquals(native.hex(bytes), hex, `${length} bytes`);
      const digest = new Uint8Array(8 + hex.length / 2);
      native.hashInto(digest.subarray(8), bytes);
      assertEquals(digest.toHex(), "00".repeat(8) + hex, `${length} bytes`);
    }
  });

  Deno.test(`libcrypto's ${algo} takes pieces, several at a time`, options, () => {
    const native = openLibcrypto(algo)!;
    const [a, b] = [native.create(), native.create()];
    for (const text of ["", "nix", "-output:", "out"]) {
      a.update(new TextEncoder().encode(text));
      b.update(new TextEncoder().encode(text + "."));
      native.hex(new Uint8Array(3));
    }
    assertEquals(a.digest().toHex(), expected(new TextEncoder().encode("nix-output:out"), algo));
    assertEquals(b.digest().toHex(), expected(new TextEncoder().encode(".nix.-output:.out."), algo));
  });
}

Deno.test("libcrypto hashes bytes of every kind of buffer", options, () => {
  const shared = new Uint8Array(new SharedArrayBuffer(3000), 5, 2900).fill(7);
  const resizable = new ArrayBuffer(3000, { maxByteLength: 10_000 });
  const tracking = new Uint8Array(resizable, 9);
  for (const bytes of [shared, tracking, new Uint8Array(resizable, 2000, 0)]) {
    assertEquals(native!.hex(bytes), expected(bytes.slice()));
  }
  resizable.resize(9000);
  assertEquals(native!.hex(tracking), expected(tracking.slice()));
  const stream = native!.create();
  stream.update(shared);
  stream.update(tracking);
  assertEquals(stream.digest().toHex(), createHash("sha256").update(shared.slice()).update(tracking).digest("hex"));
});

/** Does something with another `Deno.dlopen()`. */
function withDlopen(dlopen: (...args: Parameters<typeof Deno.dlopen>) => unknown, act: () => void): void {
  const own = Deno.dlopen;
  try {
    Deno.dlopen = dlopen as typeof Deno.dlopen;
    act();
  } finally {
    Deno.dlopen = own;
  }
}

// At a terminal Deno would ask whoever runs it.
Deno.test("without a permission to load it nobody is asked", { permissions: { ffi: false } }, () => {
  let asked = 0;
  withDlopen(() => asked++, () => assertEquals(openLibcrypto("sha256"), undefined));
  assertEquals(asked, 0);
});

Deno.test("another library of that name is none", options, () => {
  const nothing = { init: () => 0, update: () => 0, final: () => 0 };
  for (const algo of ALGORITHMS) {
    withDlopen(() => ({ symbols: nothing }), () => assertEquals(openLibcrypto(algo), undefined));
  }
});
