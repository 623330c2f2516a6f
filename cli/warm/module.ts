/** What people edit. */

/** How much of a file is looked at, in bytes. */
const HEAD = 4096;

/**
 * Comments, then a pattern of a set that has more in it than it names: `{ config, lib, ... }:`. Defaults may have braces,
 * these no others.
 */
const MODULE =
  /^(?:\s|#[^\n]*\n|\/\*[^]*?\*\/)*(?:[\w'-]+\s*@\s*)?\{(?:[^{}]|\{[^{}]*\})*\.\.\.\s*\}\s*(?:@\s*[\w'-]+\s*)?:/;

/** Whether a file looks like a module, as NixOS, devenv and home-manager have: a function of whatever it is given. */
export function isModule(bytes: Uint8Array): boolean {
  return MODULE.test(decoder.decode(bytes.subarray(0, HEAD)));
}

const decoder = new TextDecoder("latin1");
