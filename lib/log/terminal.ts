/**
 * Text for terminals, as C++ Nix 2.34 filters everything it logs: tabs become spaces up to the next multiple of eight,
 * CR and BEL vanish, and of escape sequences only colours stay, or none where the output is not a terminal.
 *
 * The column that tabs count from is that of the whole text: a newline does not reset it. So what a tab in the second
 * line of a message becomes depends on the width of the first.
 */

const ESC = 0x1b;
const BEL = 0x07;

/** Whether colours stay. */
export interface FilterOptions {
  readonly colours: boolean;
}

// deno-lint-ignore no-control-regex
const NEEDS_WORK = /[\x07\t\r\x1b]/;

/** Returns a binary string as it is to be written. */
export function filterEscapes(text: string, options: FilterOptions): string {
  if (!NEEDS_WORK.test(text)) return text;
  let out = "";
  let width = 0;
  // What stays as it is is copied in one piece: a line may be as long as the file it is quoted from.
  let from = 0;
  let i = 0;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c >= 0x20 && c < 0x7f) {
      width++;
      i++;
    } else if (c === ESC) {
      const end = endOfEscape(text, i);
      if (!options.colours || text[end - 1] !== "m" || text[i + 1] !== "[") {
        out += text.slice(from, i);
        from = end;
      }
      i = end;
    } else if (c === 9) {
      const spaces = 8 - width % 8;
      out += text.slice(from, i) + " ".repeat(spaces);
      width += spaces;
      from = ++i;
    } else if (c === 13 || c === BEL) {
      out += text.slice(from, i);
      from = ++i;
    } else {
      const length = sequenceLength(text, i);
      width += length === 1 ? (c < 0x20 || c === 0x7f ? 0 : 1) : charWidth(codePoint(text, i, length));
      i += length;
    }
  }
  return out + text.slice(from);
}

/** Where the escape sequence that starts at `at` ends: CSI, OSC (ended by BEL or ESC \) or two bytes. */
function endOfEscape(text: string, at: number): number {
  let i = at + 1;
  const within = (low: number, high: number) => {
    const c = text.charCodeAt(i);
    return c >= low && c <= high;
  };
  if (text[i] === "[") {
    i++;
    while (within(0x30, 0x3f)) i++;
    while (within(0x20, 0x2f)) i++;
    if (within(0x40, 0x7e)) i++;
  } else if (text[i] === "]") {
    i++;
    while (i < text.length && !within(ESC, ESC) && !within(BEL, BEL)) i++;
    if (i < text.length) {
      i++;
      if (text[i - 1] === "\x1b" && text[i] === "\\") i++;
    }
  } else if (within(0x40, 0x5f)) {
    i++;
  }
  return i;
}

/** How many bytes make the character at `at`; 1 where they are not UTF-8. */
function sequenceLength(text: string, at: number): number {
  const lead = text.charCodeAt(at);
  const length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 1;
  for (let k = 1; k < length; k++) {
    // C++ Nix takes the bytes up to the bad one as so many characters of width 1; one at a time comes to the same.
    if ((text.charCodeAt(at + k) & 0xc0) !== 0x80) return 1;
  }
  return length;
}

function codePoint(text: string, at: number, length: number): number {
  let code = text.charCodeAt(at) & (0xff >> (length + 1));
  for (let k = 1; k < length; k++) code = code << 6 | text.charCodeAt(at + k) & 0x3f;
  return code;
}

const ZERO_WIDTH = /\p{Mn}|\p{Me}|\p{Cf}/u;
/** East Asian wide and full-width characters. */
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2fb}\u{20000}-\u{3fffd}]/u;

/** Columns a character takes: 0, 1 or 2. Versions of Unicode differ in details; they only move tabs. */
function charWidth(code: number): number {
  if (code < 0xa0) return 0;
  const char = String.fromCodePoint(Math.min(code, 0x10ffff));
  return ZERO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}
