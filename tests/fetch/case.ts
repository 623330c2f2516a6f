// A case of the differential suite: an expression, and how it is evaluated.

import type { World } from "./world.ts";

/** The host that cases name for forges. */
export const FORGE_HOST = "127.0.0.2";

/** A case. Its expression may evaluate to anything but functions. */
export interface FetchCase {
  readonly name: string;
  readonly expr: (world: World) => string;
  readonly pure?: boolean;
  /** Settings of Nix. */
  readonly options?: Readonly<Record<string, string>>;
  /** Experimental features that are on; flakes and fetch-tree unless given. */
  readonly features?: readonly string[];
  /** A program it takes; it is left out where there is none. */
  readonly needs?: "hg";
  /** Why ours may fail in other words, or succeed; what it then has to say, or its value as JSON. */
  readonly differs?: { readonly reason: string; readonly ours: RegExp };
}

/** What evaluation of a case came to: a value as JSON, or the first line of the error. */
export type Outcome = { readonly value: unknown } | { readonly error: string };

/** Makes sets of trees into sets that JSON shows: `outPath` alone would stand for all of it. */
export function observe(expr: string): string {
  return `let
  r = ${expr};
  show = v: if builtins.isAttrs v && v ? outPath && !(v ? _type) then
      builtins.listToAttrs (map (n: { name = "=" + n; value = if n == "outPath" then "\${v.\${n}}" else v.\${n}; }) (builtins.attrNames v))
      // { context = builtins.attrNames (builtins.getContext v.outPath); }
    else if builtins.isString v then { string = builtins.unsafeDiscardStringContext v; context = builtins.attrNames (builtins.getContext v); }
    else v;
in show r`;
}

/** Replaces what differs from run to run by names. */
export function normalise(text: string, world: World): string {
  let out = text.replaceAll(world.http, "http://SERVER").replaceAll(world.https, "https://FORGE").replaceAll(
    world.dir,
    "/DIR",
  );
  out = out.replaceAll(world.https.replace("https://", ""), "FORGE").replaceAll(FORGE_HOST, "FORGE");
  for (const name of ["flake", "other"]) {
    const rev = world.revs[name];
    out = out.replaceAll(rev, `REV-${name}`).replaceAll(rev.slice(0, 7), `SHORT-${name}`);
  }
  return out;
}
