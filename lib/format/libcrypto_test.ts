import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { openLibcrypto } from "./_libcrypto.ts";

const native = openLibcrypto();
// Where there is none, node:crypto hashes, and there is nothing to compare.
const options = { ignore: native === undefined };

const expected = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

Deno.test("libcrypto's SHA-256 is node:crypto's", options, () => {
  const random = new Uint8Array(70_000).map((_, i) => (i * 2654435761) >>> 24);
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 65_536, 70_000]) {
    const bytes = random.subarray(3, 3 + length);
    assertEquals(native!.hex(bytes), expected(bytes), `${length} bytes`);
    const digest = new Uint8Array(40);
    native!.hashInto(digest.subarray(8), bytes);
    assertEquals(digest.toHex(), "00".repeat(8) + expected(bytes), `${length} bytes`);
  }
});

Deno.test("libcrypto hashes piece by piece, several at a time", options, () => {
  const [a, b] = [native!.create(), native!.create()];
  for (const text of ["", "nix", "-output:", "out"]) {
    a.update(new TextEncoder().encode(text));
    b.update(new TextEncoder().encode(text + "."));
    native!.hex(new Uint8Array(3));
  }
  assertEquals(a.digest().toHex(), expected(new TextEncoder().encode("nix-output:out")));
  assertEquals(b.digest().toHex(), expected(new TextEncoder().encode(".nix.-output:.out.")));
});

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
  withDlopen(() => asked++, () => assertEquals(openLibcrypto(), undefined));
  assertEquals(asked, 0);
});

Deno.test("another library of that name is none", options, () => {
  const nothing = { SHA256_Init: () => 0, SHA256_Update: () => 0, SHA256_Final: () => 0 };
  withDlopen(() => ({ symbols: nothing }), () => assertEquals(openLibcrypto(), undefined));
});
