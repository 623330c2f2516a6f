/** `hashString` and `convertHash`. Hash spellings and their errors are in lib/format/hash.ts. */
import { type HashAlgo, hashHex, parseHashFormat, printHash } from "../lib/format/hash.ts";
import { getAttr } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { forceAttrs, forceString, forceStringNoContext, requireAttr } from "../lib/runtime/expect.ts";
import type { EvalLog } from "../lib/runtime/log.ts";
import type { EvalSettings } from "../lib/runtime/settings.ts";
import { type Slot, stringText, type Value } from "../lib/runtime/value.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { hashError } from "./_hash_error.ts";
import { readHash, readHashAlgo } from "./_read_hash.ts";

/** What the builtins of this family need. */
export interface HashDeps {
  readonly settings: Pick<EvalSettings, "features">;
  readonly log: EvalLog;
}

/** Returns what `action` does, with what lib/format has to say about hashes as an error of the Nix program. */
function surfacing<T>(action: () => T): T {
  try {
    return action();
  } catch (e) {
    throw hashError(e);
  }
}

/** Returns `hashString` and `convertHash`. */
export function hashBuiltins({ settings, log }: HashDeps): readonly Builtin[] {
  const hashString = (type: Slot, s: Slot): Value => {
    const name = forceStringNoContext(type, "while evaluating the first argument passed to builtins.hashString");
    const algo = readHashAlgo(name, settings);
    const v = forceString(s, "while evaluating the second argument passed to builtins.hashString");
    return hashHex(algo, stringText(v));
  };

  const convertHash = (args: Slot): Value => {
    const attrs = forceAttrs(args, "while evaluating the first argument passed to builtins.convertHash");
    const hashSlot = requireAttr(attrs, intern("hash"), "while locating the attribute 'hash'");
    const text = forceStringNoContext(hashSlot, "while evaluating the attribute 'hash'");
    const algoSlot = getAttr(attrs, intern("hashAlgo"));
    let algo: HashAlgo | undefined;
    if (algoSlot !== undefined) {
      algo = readHashAlgo(forceStringNoContext(algoSlot, "while evaluating the attribute 'hashAlgo'"), settings);
    }
    const formatSlot = requireAttr(attrs, intern("toHashFormat"), "while locating the attribute 'toHashFormat'");
    const formatName = forceStringNoContext(formatSlot, "while evaluating the attribute 'toHashFormat'");
    const format = surfacing(() => parseHashFormat(formatName, (warning) => log.warn(warning)));
    return printHash(readHash(text, algo, settings), format);
  };

  return [
    {
      name: "hashString",
      params: ["type", "s"],
      doc: 'Returns the hash of *s* in base 16. *type* is `"md5"`, `"sha1"`, `"sha256"` or `"sha512"`.',
      call: hashString,
    },
    {
      name: "convertHash",
      params: ["args"],
      doc:
        'Returns the hash `hash` of a set in the format `toHashFormat`: `"base16"`, `"nix32"`, `"base64"` or `"sri"`. `hashAlgo` names the algorithm where the hash itself does not.',
      call: convertHash,
    },
  ];
}
