/**
 * Leaves of generated programs: numbers, strings in both notations, paths, names, regular expressions, JSON. They
 * lean towards the values that evaluators get wrong: the ends of the integer range, 53-bit limits, escapes, indentation.
 */
import type { Random } from "./random.ts";

const INTEGERS = [
  ..."0 1 2 3 5 7 10 42 100 255 1000".split(" "),
  ..."4294967295 4294967296 2147483648 9007199254740991 9007199254740992 9007199254740993".split(" "),
  ..."4611686018427387904 9223372036854775806 9223372036854775807 3037000500".split(" "),
];
const FLOATS =
  "0.0 0.5 1.0 1.5 2.0 .25 3.14159 1.0e3 1.0e10 1.5e-3 123456789.125 0.1 100.0 1.0e18 9007199254740992.0 1.0e100 1."
    .split(" ");

/** Returns an integer literal, without sign. */
export function integerLiteral(random: Random): string {
  return random.chance(0.85) ? String(random.below(12)) : random.pick(INTEGERS);
}

/** Returns a float literal, without sign. */
export function floatLiteral(random: Random): string {
  return random.pick(FLOATS);
}

/** Pieces of string contents; some are escapes in one of the two notations. */
const TEXTS = [
  ..."a b c ab abc foo bar x 1 10 1.2 -1 / . - _ é 日本 $ ' \" \\ # / { } ; : = , * ? + < > & [ ] ( ) | ^ %".split(" "),
  " ",
  "  ",
  "\n",
  "\t",
  "\r",
  "\r\n",
  "$$",
  "${",
  "''",
  "a-1.2.3",
  "/nix/store",
  "foo bar",
  "A",
  "true",
  "null",
];

/** Returns random text. */
export function randomText(random: Random): string {
  const pieces = random.weighted([[2, 0], [6, 1], [4, 2], [2, 4], [0.5, 8]]);
  return random.times(pieces, () => random.pick(TEXTS)).join("");
}

/** Returns `text` written as the inside of a `"…"` string; which of the possible escapes it uses is random. */
export function quotedContent(random: Random, text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"' || char === "\\") out += "\\" + char;
    else if (char === "$" && text[i + 1] === "{") out += "\\$";
    else if (char === "\r") out += "\\r";
    else if (char === "\n") out += random.chance(0.7) ? "\\n" : "\n";
    else if (char === "\t") out += random.chance(0.7) ? "\\t" : "\t";
    else if (random.chance(0.01)) out += "\\" + (/[nrt]/.test(char) ? "\\" + char : char);
    else out += char;
  }
  return out;
}

/** Returns `text` written as the inside of a `''…''` string. It may lose indentation: this is about variety. */
export function indentedContent(text: string): string {
  return text.replaceAll("''", "'''").replaceAll("${", "''${").replaceAll("\r", "''\\r").replace(/'$/, "' ");
}

/** Returns an attribute name as it may stand in `{ name = …; }` or after a dot. */
export function attributeName(random: Random, name: string): string {
  const plain = /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name) &&
    !/^(if|then|else|assert|with|let|in|rec|inherit)$/.test(name);
  if (plain && random.chance(0.9)) return name;
  const quoted = `"${quotedContent(random, name)}"`;
  return random.chance(0.25) ? `\${${quoted}}` : quoted;
}

const PATHS = [
  "/a",
  "/a/b",
  "/a/../b",
  "./x",
  "./x/y",
  "../x",
  "./.",
  "x/y",
  "/nonexistent/dir/file.nix",
  "./a.b-c_d+e",
];

/** Returns a path literal. */
export function pathLiteral(random: Random): string {
  return random.pick(PATHS);
}

/** Returns a POSIX extended regular expression over a small alphabet, mostly a valid one. */
export function regexText(random: Random, depth = 3): string {
  if (depth === 0) {
    return random.pick(["a", "b", "c", ".", "[ab]", "[^a]", "-", "[[:alpha:]]", "[[:digit:]]", "\\.", "1"]);
  }
  const inner = () => regexText(random, depth - 1);
  return random.weighted<() => string>([
    [4, inner],
    [4, () => inner() + inner()],
    [2, () => `(${inner()})`],
    [1.5, () => `(${inner()})${random.pick(["*", "+", "?"])}`],
    [1.5, () => `${regexText(random, 0)}${random.pick(["*", "+", "?", "{2}", "{1,2}", "{0,}"])}`],
    [1, () => `(${inner()}|${inner()})`],
    [0.3, () => `^${inner()}`],
    [0.3, () => `${inner()}$`],
    [0.2, () => `${inner()}|${inner()}`],
    [
      0.1,
      () => random.pick(["(", "[", "*", "a{2,1}", "\\", "()", "[]", "a**", "[a-", "[[:foo:]]", "[z-a]", "a{", ")", ""]),
    ],
  ])();
}

/** Returns a subject for {@link regexText}. */
export function regexSubject(random: Random): string {
  return random.times(random.below(9), () => random.pick(["a", "b", "c", "a", "b", "-", "1", ".", "\n", "A"])).join("");
}

/** Returns a version-like string. */
export function versionText(random: Random): string {
  return random.times(
    random.below(5),
    () => random.pick(["1", "2", "10", "0", ".", "-", "pre", "a", "b", "rc", "_", "01"]),
  ).join("");
}

/** Returns JSON text, now and then broken. */
export function jsonText(random: Random, depth = 2): string {
  if (random.chance(0.01)) {
    return random.pick(["", "nul", "[1,]", "{a:1}", "01", "1 2", "'x'", '"\\x"', "[", '{"a"}', "-", "1."]);
  }
  const inner = () => jsonText(random, depth - 1);
  return random.weighted<() => string>([
    [3, () => (random.chance(0.2) ? "-" : "") + integerLiteral(random)],
    [1, () => random.pick(["1.5", "-0.25", "1e3", "1E-2", "0.1", "1.0", "1e400", "123456789012345678901234567890"])],
    [3, () => JSON.stringify(random.pick(["a", "é", "", "x y", '\n\t"\\', "日本", "😀", "a/b"]))],
    [2, () => random.pick(["true", "false", "null"])],
    [depth > 0 ? 3 : 0, () => `[${random.times(random.below(4), inner).join(random.pick([",", ", ", " ,\n"]))}]`],
    [depth > 0 ? 3 : 0, () => {
      const pairs = random.times(random.below(4), () => `"${random.pick(["a", "b", "", "x y", "é"])}":${inner()}`);
      return `{${pairs.join(",")}}`;
    }],
  ])();
}

/** Returns TOML text, now and then broken. */
export function tomlText(random: Random): string {
  const value = (depth: number): string =>
    random.weighted<() => string>([
      [3, () => integerLiteral(random)],
      [1, () => random.pick(["1.5", "0x1F", "0b101", "1_000", "-7", "1e3", "inf"])],
      [3, () => JSON.stringify(random.pick(["a", "x y", "é", '\t"\\']))],
      [1, () => random.pick(["'raw\\'", "true", "false", '"""\nml"""', "'''a'''"])],
      [depth > 0 ? 2 : 0, () => `[${random.times(random.below(3), () => value(depth - 1)).join(", ")}]`],
      [depth > 0 ? 1 : 0, () => `{ p = ${value(depth - 1)}, q = ${value(depth - 1)} }`],
      [0.1, () => random.pick(["", "tru", "1979-05-27", "[1"])],
    ])();
  const keys = random.shuffled(["a", "b", "c.d", '"x y"', "e", "f-g"]).slice(0, random.below(4));
  const lines = keys.map((key) => `${key} = ${value(2)}`);
  if (random.chance(0.3)) lines.push("[t]", `k = ${value(1)}`, "[t.u]", `k = ${value(1)}`);
  if (random.chance(0.2)) lines.push("[[arr]]", `k = ${value(1)}`, "[[arr]]");
  return lines.join("\n") + "\n";
}
