import { assertEquals, assertThrows } from "@std/assert";
import { FetchError } from "./errors.ts";
import { findNode, parseLockFile } from "./lock_file.ts";
import { DEFAULT_FETCH_SETTINGS, inputOptions } from "./settings.ts";

/** A lock file whose root has these inputs: names of nodes, or what they follow. */
function lockFile(inputs: Record<string, string | readonly string[]>) {
  const nodes = { root: { inputs }, leaf: { locked: { type: "path", path: "/leaf", narHash: HASH }, original: LEAF } };
  const text = JSON.stringify({ nodes, root: "root", version: 7 });
  return parseLockFile(text, {
    ...inputOptions({ ...DEFAULT_FETCH_SETTINGS, cacheDir: "/" }),
    features: new Set(["flakes", "fetch-tree"]),
    path: "/flake.lock",
  });
}

const HASH = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const LEAF = { type: "path", path: "/leaf" };

Deno.test("findNode() follows inputs that follow others, however many", () => {
  const n = 2000;
  const inputs: Record<string, string | readonly string[]> = { [`i${n}`]: "leaf" };
  for (let i = 0; i < n; i++) inputs[`i${i}`] = [`i${i + 1}`];
  const lock = lockFile(inputs);
  assertEquals(findNode(lock, ["i0"]), findNode(lock, [`i${n}`]));
  assertEquals(findNode(lock, ["i0", "none"]), undefined);
});

Deno.test("inputs that follow each other in a circle are refused, with the circle", () => {
  assertThrows(
    () => lockFile({ a: ["b"], b: ["c"], c: ["d"], d: ["b"] }),
    FetchError,
    "follow cycle detected: [b -> c -> d -> b]",
  );
});
