/**
 * The errors of this layer. `lib/runtime` wraps them into its own; the texts are C++ Nix's.
 *
 * A message may name a second position ("already defined at …"), which is why positions are written out here too.
 */
import { NO_POS, type Origin, type Pos, type Source } from "./positions.ts";

const HIGHLIGHT = "\x1b[35;1m";
const BOLD = "\x1b[1m";
const NORMAL = "\x1b[0m";

/** Template tag for messages: every substitution is highlighted as C++ Nix does. */
export function hint(strings: TemplateStringsArray, ...values: (string | number | bigint)[]): string {
  let text = strings[0];
  for (let i = 0; i < values.length; i++) text += HIGHLIGHT + values[i] + NORMAL + strings[i + 1];
  return text;
}

/** Returns the name of the setting that a warning comes from, as it stands at the warning's end. */
export function settingInParentheses(name: string): string {
  return `(${BOLD}${hint`${name}`}${NORMAL})`;
}

/** A source text is not a Nix expression. */
export class ParseError extends Error {
  override readonly name = "ParseError";
  /** The position is {@link NO_POS} where C++ Nix reports none. */
  constructor(message: string, readonly pos: Pos = NO_POS) {
    super(message);
  }
}

/** Returns how C++ Nix writes the origin of a text: its path (or what is displayed for it), or a name in guillemets (UTF-8 bytes). */
function showOrigin(origin: Origin): string {
  return origin.kind === "file" ? origin.display ?? origin.path : `\xc2\xab${origin.kind}\xc2\xbb`;
}

/** Returns `origin:line:column` of a byte offset in `source`; line and column count from 1. */
export function showOffset(source: Source, offset: number): string {
  const { text } = source;
  let line = 1;
  let start = 0;
  for (let i = 0; i < offset; i++) {
    const c = text.charCodeAt(i);
    if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) {
      line++;
      start = i + 1;
    }
  }
  return `${showOrigin(source.origin)}:${line}:${offset - start + 1}`;
}
