// Numbers, dates and times of TOML 1.0 with the checks and messages of toml11 4.4. A reader gets an offset at which
// guessTomlNumber() found its kind.

import { pointAt, TomlFailure, tomlFailure, type TomlFailureOptions, type TomlSource } from "./_toml_problem.ts";
import { numberEnd, type TomlNumberKind } from "./_toml_text.ts";

/** A value that was read and the offset after it. */
export interface TomlToken<T> {
  readonly value: T;
  readonly end: number;
}

const MAX_INT64 = (1n << 63n) - 1n;
const INTEGER_HINT =
  "Hint: valid  : -42, 1_000, 1_2_3_4_5, 0xC0FFEE, 0b0010, 0o755\nHint: invalid: _42, 1__000, 0123\n";
const FLOAT_HINT =
  "Hint: valid  : +1.0, -2e-2, 3.141_592_653_589, inf, nan\nHint: invalid: .0, 1., _1.0, 1.0_, 1_.0, 1.0__0\n";
const DATETIME_HINT = "Hint: valid  : 1979-05-27T07:32:00, 1979-05-27 07:32:00.999999\n" +
  "Hint: invalid: 1979-05-27T7:32:00, 1979-05-27 17:32\n";
const DATETIME_FORMAT_HINT = "Hint: valid  : 1979-05-27T07:32:00-07:00, 1979-05-27 07:32:00.999999Z\n" +
  "Hint: invalid: 1979-05-27T7:32:00-7:00, 1979-05-27 7:32-00:30";
const OFFSET_HINT = "Hint: valid  : +09:00, -05:30\nHint: invalid: +9:00,  -5:30\n";

const BASES = {
  b: { name: "bin", example: "0b0101, 0b1111_0000", digit: "0 or 1" },
  o: { name: "oct", example: "0o775, 0o04_44", digit: "from `0` to `7`" },
  x: { name: "hex", example: "0xC0FFEE, 0xdead_beef", digit: "hex [0-9a-fA-F]" },
} as const;

function isDigit(c: string | undefined): boolean {
  return c !== undefined && c >= "0" && c <= "9";
}

function failAt(source: TomlSource, at: number, title: string, options?: TomlFailureOptions): TomlFailure {
  return tomlFailure(pointAt(source, at), title, options);
}

/**
 * Returns what kind of number, date or time starts at `at`.
 *
 * @throws {TomlFailure} if none does or if what follows shows that it is malformed
 */
export function guessTomlNumber(source: TomlSource, at: number): TomlNumberKind {
  const { text } = source;
  if (isDigit(text[at]) && isDigit(text[at + 1])) {
    const kind = guessTimestamp(source, at);
    if (kind !== undefined) return kind;
  }
  const float = numberEnd("float", text, at);
  if (float >= 0) {
    if (text[float] !== "_") return "float";
    const title = "bad float: `_` must be surrounded by digits";
    throw failAt(source, float, title, { message: "invalid underscore", hint: FLOAT_HINT });
  }
  const end = numberEnd("integer", text, at);
  if (end >= 0) {
    checkAfterInteger(source, at, end);
    return "integer";
  }
  if (text[at] === ".") {
    const title = "bad float: integer part is required before decimal point";
    throw failAt(source, at, title, { message: "missing integer part", hint: FLOAT_HINT });
  }
  if (text[at] === "_") {
    const title = "bad number: `_` must be surrounded by digits";
    throw failAt(source, at, title, { message: "digits required before `_`", hint: INTEGER_HINT });
  }
  throw failAt(source, at, "bad format: unknown value appeared");
}

function checkAfterInteger(source: TomlSource, first: number, end: number): void {
  const next = source.text[end];
  if (next === "_") {
    if (/^[+-]?0$/.test(source.text.slice(first, end))) {
      const title = "bad integer: leading zero is not allowed in decimal int";
      throw failAt(source, end, title, { message: "leading zero", hint: INTEGER_HINT });
    }
    const title = "bad integer: `_` must be surrounded by digits";
    throw failAt(source, end, title, { message: "invalid underscore", hint: INTEGER_HINT });
  }
  if (next === "0") {
    const options = { message: "leading zero is not allowed", hint: INTEGER_HINT };
    throw failAt(source, end - 1, "bad integer: leading zero", options);
  }
  if (isDigit(next)) {
    const title = "bad integer: invalid digit after an integer";
    throw failAt(source, end, title, { message: "this digit is not allowed", hint: INTEGER_HINT });
  }
  if (next === ":" || next === "-") {
    throw failAt(source, end, "bad datetime: invalid format", { hint: DATETIME_FORMAT_HINT });
  }
  if (next === "." || next === "e" || next === "E") {
    throw failAt(source, end, "bad float: invalid format", { hint: FLOAT_HINT });
  }
}

function guessTimestamp(source: TomlSource, first: number): TomlNumberKind | undefined {
  const { text } = source;
  if (numberEnd("offsetDatetime", text, first) >= 0) return "offsetDatetime";
  const datetime = numberEnd("localDatetime", text, first);
  if (datetime >= 0) {
    if (text[datetime] !== "+" && text[datetime] !== "-") return "localDatetime";
    const [expected, stop] = missingIn("dd:dd", text, datetime + 1);
    const options = { message: `expected z or Z or ${expected}`, hint: OFFSET_HINT };
    throw failAt(source, stop, "bad offset: must be [+-]HH:MM or Z", options);
  }
  const date = numberEnd("localDate", text, first);
  if (date < 0) return numberEnd("localTime", text, first) >= 0 ? "localTime" : undefined;
  const next = text[date];
  if (next === "T" || next === "t" || next === " " && isDigit(text[date + 1])) {
    const [expected, stop] = missingIn("dd:dd:dd", text, date + 1);
    const options = { message: `expected ${expected}`, hint: DATETIME_HINT };
    throw failAt(source, stop, "bad time: must be HH:MM:SS.subsec", options);
  }
  if (isDigit(next)) {
    const options = { message: "expected T, t, or 0x20(SPACE)", hint: DATETIME_HINT };
    throw failAt(source, date, "bad datetime: missing T or space", options);
  }
  return "localDate";
}

/** What the first byte that doesn't fit a picture of digits ("d") and other characters should be, and its offset. */
function missingIn(picture: string, text: string, at: number): [expected: string, stop: number] {
  let i = 0;
  while (i < picture.length && (picture[i] === "d" ? isDigit(text[at]) : text[at] === picture[i])) {
    i++;
    at++;
  }
  return [picture[i] === "d" ? "digit [0-9]" : picture[i] ?? "", at];
}

/**
 * Reads an integer: a number while it is safe, a bigint beyond.
 *
 * @throws {TomlFailure} if it needs more than 64 bits or its digits don't suit its base
 */
export function readTomlInteger(source: TomlSource, first: number): TomlToken<number | bigint> {
  const { text } = source;
  const digits = text[first] === "+" || text[first] === "-" ? first + 1 : first;
  const base = text[digits] === "0" ? text[digits + 1] : undefined;
  if (base === "b" || base === "o" || base === "x") return readBasedInteger(source, first, base);
  const end = numberEnd("integer", text, first);
  const literal = text.slice(first, end).replaceAll("_", "");
  const value = Number(literal);
  if (Number.isSafeInteger(value)) return { value: value + 0, end }; // no -0
  const exact = BigInt(literal.replace("+", ""));
  if (exact <= MAX_INT64 && exact >= -MAX_INT64 - 1n) return { value: exact, end };
  const title = "toml::parse_dec_integer: too large integer: current max digits = 2^63";
  throw failAt(source, end, title, { message: "must be < 2^63", resume: first });
}

function readBasedInteger(source: TomlSource, first: number, base: keyof typeof BASES): TomlToken<number | bigint> {
  const { name, example, digit } = BASES[base];
  const end = numberEnd("integer", source.text, first);
  if (end - first < 3) {
    const title = `toml::parse_${name}_integer: invalid integer: ${name}_int must be like: ${example}`;
    // A sign isn't allowed here.
    if (source.text[first] !== "0") throw failAt(source, first, title, { message: `expected 0${base}` });
    throw failAt(source, first + 2, title, { message: `expected ${digit}` });
  }
  const value = BigInt(source.text.slice(first, end).replaceAll("_", ""));
  if (value <= MAX_INT64) return { value: value <= Number.MAX_SAFE_INTEGER ? Number(value) : value, end };
  const title = `toml::parse_${name}_integer: too large integer: current max value = 2^63`;
  throw failAt(source, end, title, { message: "must be < 2^63", resume: first });
}

/**
 * Reads a float.
 *
 * @throws {TomlFailure} if it is too large for a double
 */
export function readTomlFloat(source: TomlSource, first: number): TomlToken<number> {
  const end = numberEnd("float", source.text, first);
  const literal = source.text.slice(first, end).replaceAll("_", "");
  if (literal.endsWith("inf")) return { value: literal[0] === "-" ? -Infinity : Infinity, end };
  if (literal.endsWith("nan")) return { value: NaN, end };
  const value = Number(literal);
  if (Number.isFinite(value)) return { value, end };
  const title = "toml::parse_floating: failed to read floating point value from stream";
  throw failAt(source, end, title, { resume: end });
}

/**
 * Reads a date, a time or both as the text C++ Nix gives it: with "T" between them, 0, 3, 6 or 9 digits after the second
 * and "Z" for no offset.
 *
 * @throws {TomlFailure} if a part is out of range
 */
export function readTomlTimestamp(source: TomlSource, first: number, kind: TomlNumberKind): TomlToken<string> {
  if (kind === "localTime") return readTime(source, first);
  const date = readDate(source, first);
  if (kind === "localDate") return date;
  const time = readTime(source, date.end + 1);
  const value = `${date.value}T${time.value}`;
  if (kind === "localDatetime") return { value, end: time.end };
  const offset = readOffset(source, first, time.end);
  return { value: value + offset.value, end: offset.end };
}

function readDate(source: TomlSource, first: number): TomlToken<string> {
  const end = first + 10;
  const value = source.text.slice(first, end);
  const [year, month, day] = value.split("-").map(Number) as [number, number, number];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? isLeap ? 29 : 28 : [4, 6, 9, 11].includes(month) ? 30 : 31;
  if (month >= 1 && month <= 12 && day >= 1 && day <= days) return { value, end };
  const message = "month must be 01-12, day must be any of 01-28,29,30,31 depending on the month/year.";
  throw failAt(source, first, "toml::parse_local_date: invalid date.", { message, resume: end });
}

function readTime(source: TomlSource, first: number): TomlToken<string> {
  const end = numberEnd("localTime", source.text, first);
  const time = source.text.slice(first, end);
  const invalid = (message: string) =>
    failAt(source, first, "toml::parse_local_time: invalid time.", { message, resume: end });
  if (time.slice(0, 2) >= "24" || time.slice(3, 5) >= "60") {
    throw invalid("hour must be 00-23, minute must be 00-59.");
  }
  if (time.slice(6, 8) > "60") throw invalid("second must be 00-60.");
  const fraction = time.slice(9, 18).padEnd(9, "0").replace(/(?:000)+$/, "");
  return { value: time.slice(0, 8) + (fraction === "" ? "" : `.${fraction}`), end };
}

/** Reads the offset at `at` of the timestamp that starts at `first`. */
function readOffset(source: TomlSource, first: number, at: number): TomlToken<string> {
  const sign = source.text[at]!;
  if (sign === "Z" || sign === "z") return { value: "Z", end: at + 1 };
  const end = at + 6;
  const hours = Number(source.text.slice(at + 1, at + 3));
  const minutes = Number(source.text.slice(at + 4, end));
  if (hours > 24 || minutes > 60) {
    const title = "toml::parse_offset_datetime: too large offset: |hour| <= 24, |minute| <= 60";
    throw tomlFailure({ source, first, last: end, isPoint: false }, title, { resume: end });
  }
  const total = hours * 60 + minutes;
  if (total === 0) return { value: "Z", end };
  const two = (n: number) => String(n).padStart(2, "0");
  return { value: `${sign}${two(Math.floor(total / 60))}:${two(total % 60)}`, end };
}
