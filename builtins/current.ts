/** Constants that tell of the world: `currentSystem`, `currentTime`, `storeDir`. */
import type { BuiltinConstant } from "../lib/runtime/builtin.ts";
import type { Slot } from "../lib/runtime/value.ts";

/** What the world is like. */
export interface CurrentDeps {
  readonly system: string;
  /** Seconds since 1970, when evaluation began. */
  readonly time: Slot;
  readonly storeDir: string;
}

/** Returns the constants that tell of the world. */
export function currentConstants({ system, time, storeDir }: CurrentDeps): readonly BuiltinConstant[] {
  return [
    {
      name: "currentSystem",
      doc: "The system that evaluation is for, such as `x86_64-linux`. Not available in pure evaluation.",
      impureOnly: true,
      value: system,
    },
    {
      name: "currentTime",
      doc: "When evaluation began, in seconds since 1970. Not available in pure evaluation.",
      impureOnly: true,
      value: time,
    },
    { name: "storeDir", doc: "The directory that store paths are in, usually `/nix/store`.", value: storeDir },
  ];
}
