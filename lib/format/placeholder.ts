// Placeholders: strings that stand for output paths until a builder or a later rewrite knows them. Each is "/" and a
// SHA-256 in nixbase32 (53 chars), of a text that names the output.

import { compressHash, hashBytes } from "./hash.ts";
import { encodeNixbase32 } from "./nixbase32.ts";
import { drvNameFromPath, type DrvPath, outputPathName, storePathHashPart } from "./store_path.ts";

/** Returns what stands for one of its own outputs inside a derivation (`builtins.placeholder`). */
export function placeholder(output: string): string {
  return render(hashBytes("sha256", `nix-output:${output}`));
}

/** Returns what stands for an output of a derivation whose output paths aren't known before it is built. */
export function downstreamPlaceholder(drvPath: DrvPath, output: string): string {
  return render(upstreamOutput(drvPath, output));
}

/**
 * Returns what stands for an output of a derivation that is itself an output: `outputs` leads from `drvPath` to it, so
 * ["drv", "out"] is output "out" of the derivation that output "drv" of `drvPath` is. At least one name.
 */
export function dynamicPlaceholder(drvPath: DrvPath, outputs: readonly string[]): string {
  let digest = upstreamOutput(drvPath, outputs[0]);
  for (const output of outputs.slice(1)) {
    digest = hashBytes("sha256", `nix-computed-output:${encodeNixbase32(compressHash(digest, 20))}:${output}`);
  }
  return render(digest);
}

function upstreamOutput(drvPath: DrvPath, output: string): Uint8Array {
  const name = outputPathName(drvNameFromPath(drvPath), output);
  return hashBytes("sha256", `nix-upstream-output:${storePathHashPart(drvPath)}:${name}`);
}

function render(digest: Uint8Array): string {
  return "/" + encodeNixbase32(digest);
}
