/** `devix show-derivation`: derivations as JSON, as `nix derivation show` prints them. */
import { bytesToBinary, type DrvPath, type StorePath } from "../mod.ts";
import {
  concatBytes,
  type Derivation,
  drvNameFromPath,
  isDrvPath,
  narTree,
  parseAterm,
  printDerivationsJson,
} from "../lib/format/mod.ts";
import { notValid, StoreError } from "../lib/store/mod.ts";
import { OUTPUT, storeCommand, type StoreContext, wholeStorePaths } from "./store_command.ts";

/** The command. */
export const SHOW_DERIVATION = storeCommand({
  name: "show-derivation",
  usage: "[FLAGS] PATH...",
  details: `Paths are .drv files of the store, or outputs of which it is known what made them.

  devix show-derivation $(devix instantiate ./packages.nix -A hello)`,
}, () => {
  let recursive = false;
  return {
    flags: [{
      name: "recursive",
      short: "r",
      help: "With the derivations they need, directly or not.",
      group: OUTPUT,
      run: () => void (recursive = true),
    }],
    async run(context) {
      const wanted: DrvPath[] = [];
      for (const path of wholeStorePaths(context)) wanted.push(await drvPathOf(path, context));
      const derivations = new Map<DrvPath, Derivation>();
      for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
        if (derivations.has(path)) continue;
        const drv = await readDerivation(path, context);
        derivations.set(path, drv);
        if (recursive) wanted.push(...drv.inputDrvs.keys());
      }
      context.line(printDerivationsJson(derivations));
      return 0;
    },
  };
});

async function drvPathOf(path: StorePath, { target }: StoreContext): Promise<DrvPath> {
  if (isDrvPath(path)) return path;
  const info = await target.pathInfo(path);
  if (info === undefined) throw notValid(path);
  if (info.deriver !== undefined && isDrvPath(info.deriver)) return info.deriver;
  throw new StoreError(`Cannot show the derivation of "${path}": the store doesn't know what made it`);
}

async function readDerivation(path: DrvPath, { target, storeDir }: StoreContext): Promise<Derivation> {
  if (!await target.isValid(path)) throw notValid(path);
  const parts: Uint8Array[] = [];
  await target.nar(path, (chunk) => parts.push(chunk.slice()));
  const file = narTree(concatBytes(parts));
  if (file.type !== "regular") throw new StoreError(`Cannot read derivation "${path}": it is a ${file.type}`);
  return parseAterm(bytesToBinary(file.contents), { name: drvNameFromPath(path), storeDir });
}
