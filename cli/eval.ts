/** `devix eval`: prints values. */
import {
  type Attrs,
  coerceToString,
  ContextBuilder,
  encodeUtf8,
  forceDeep,
  getAttr,
  intern,
  isDerivation,
  printAmbiguous,
  type Slot,
  toJson,
  WEAK,
} from "../mod.ts";
import { type CommandSpec, report } from "./command.ts";
import { doAlone, type Share } from "./jobs/share.ts";
import { Root } from "./root.ts";

type Output = "plain" | "json" | "raw";

/** The command. */
export const EVAL: CommandSpec = {
  name: "eval",
  usage: "[FLAGS] [FILE | -E EXPR] [-A ATTRPATH]...",
  details: `  devix eval -E '1 + 1'
  devix eval --json ./shell.nix -A packages.0.name
  devix eval --raw -E '"no quotes"'`,
  prepare: (setup) => {
    const root = new Root(setup);
    let output: Output = "plain";
    const group = "Output";
    const flags = [
      {
        name: "json",
        help: "Print JSON: the value, or an array where several attributes are asked for.",
        group,
        run: () => void (output = "json"),
      },
      { name: "raw", help: "Print a string as it is.", group, run: () => void (output = "raw") },
    ];
    const share = (): Share => {
      let select: ((attrPath: string) => Slot) | undefined;
      return {
        attrs: () => root.allAttrPaths(),
        evaluate: (attr) => {
          try {
            select ??= root.evaluate(root.openSession());
            return { text: PRINTERS[output](select(attr)), code: 0, stop: false };
          } catch (e) {
            const { code, json } = report(e, setup);
            return { text: encodeUtf8(JSON.stringify({ error: json })) + "\n", code, stop: true };
          }
        },
        rest: () => null,
        print: (pieces) => {
          const failed = pieces.find(({ code }) => code !== 0);
          const texts = pieces.map(({ text }) => text);
          if (failed === undefined) setup.process.out(output === "json" ? jsonDocument(texts) : texts.join(""));
          else if (output === "json") setup.process.out(failed.text);
          return failed?.code ?? 0;
        },
      };
    };
    return {
      share,
      flags: [...root.flags(), ...setup.evalFlags(), ...flags],
      argument: (text) => root.argument(text),
      run: () => doAlone(share()),
      // Quicker than keeping it.
      keepAfter: 100,
    };
  },
};

const PRINTERS: Readonly<Record<Output, (slot: Slot) => string>> = {
  plain: printPlain,
  json: (slot) => toJson(slot, new ContextBuilder(), { strict: true, copy: null }),
  raw: (slot) => coerceToString(slot, new ContextBuilder(), WEAK, "while printing a value with --raw"),
};

/** Returns a value evaluated, but for what is in derivations, which is shown as `nix eval` shows them. */
function printPlain(slot: Slot): string {
  return printAmbiguous(forceDeep(slot, (attrs) => !isDerivation(attrs)), derivation) + "\n";
}

/** Derivations as `nix eval` prints them: everything inside one can be all of a package set. */
function derivation(attrs: Attrs): string | undefined {
  if (!isDerivation(attrs)) return undefined;
  const path = getAttr(attrs, intern("drvPath"));
  const words = "while evaluating the drvPath of a derivation";
  const text = path === undefined ? "" : ` ${coerceToString(path, new ContextBuilder(), WEAK, words)}`;
  return encodeUtf8("«derivation") + text + encodeUtf8("»");
}

function jsonDocument(texts: readonly string[]): string {
  return (texts.length === 1 ? texts[0] : `[${texts.join(",")}]`) + "\n";
}
