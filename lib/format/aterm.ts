// Derivations as ATerms, the content of .drv files:
//
//     Derive([("out","/nix/store/…","","")],[("/nix/store/….drv",["out"])],["/nix/store/…"],"system","builder",["arg"],[("k","v")])
//
// or `DrvWithVersion("xp-dyn-drv",…)` when an input is an output of an output (its list is then `(["out"],[("name",…)])`).
// Five chars are escaped (`"`, `\`, newline, return, tab); all other bytes stand for themselves.
//
// One derivation is written in up to three forms: as it is; with outputs masked (paths empty, and so the variables named
// like outputs) and inputs replaced by hashes, for output paths; and with inputs replaced only, for its own hash modulo.
// Most of the text is common, so `AtermTemplate` escapes and joins it once.
//
// The parser takes what C++ Nix 2.34's takes, and fails with its messages: lists may have stray commas, text after the last
// parenthesis is ignored, and the path of a fixed output is computed, not read.

import type { Derivation, DerivationOutput, InputDrv } from "./derivation.ts";
import { fixedOutput, hasDynamicInputs, printMethodAlgo } from "./derivation.ts";
import { splitContentAddressPrefix } from "./content_address.ts";
import type { DrvPath, StoreDirOptions, StorePath } from "./store_path.ts";
import { parseStorePath } from "./store_path.ts";
import { encodeBase16 } from "./base_encodings.ts";
import { hashHex, parseHashAlgo, parseHashUnprefixed } from "./hash.ts";
import { sortedMap, sortedSet } from "./sorted.ts";
import { DerivationError } from "./errors.ts";

const NEEDS_ESCAPE = /["\\\n\r\t]/;
// deno-lint-ignore no-control-regex
const JSON_DIFFERS = /[\x00-\x08\x0b\x0c\x0e-\x1f]/;

/** Returns the quoted and escaped form of a binary string. */
export function quoteAterm(text: string): string {
  return NEEDS_ESCAPE.test(text) ? escaped(text) : `"${text}"`;
}

/** The same; quicker if something is to be escaped. */
function escaped(text: string): string {
  // JSON escapes the same five chars in the same way, and V8 does it natively; other control chars it writes as \u00xx.
  if (!JSON_DIFFERS.test(text)) return JSON.stringify(text);
  return `"${text.replace(/["\\\n\r\t]/g, escapeChar)}"`;
}

function escapeChar(char: string): string {
  return char === "\n" ? "\\n" : char === "\r" ? "\\r" : char === "\t" ? "\\t" : "\\" + char;
}

/** The inputs of a derivation in an ATerm, in place of store paths: sorted keys with the output names used. */
export type AtermInputs = ReadonlyMap<string, InputDrv>;

/** The text of a derivation's ATerm but for outputs, the variables named like them, and inputs. */
export class AtermTemplate {
  readonly #drv: Derivation;
  readonly #head: string;
  /** The text behind the inputs, up to the value of each output's variable in order of name, and then the rest. */
  #parts: readonly string[] | null = null;
  /** Where these end, in the buffer; null if they can't be put there. */
  #ends: readonly number[] | null | undefined;
  readonly #envOutputs: string[] = [];

  constructor(drv: Derivation) {
    this.#drv = drv;
    this.#head = hasDynamicInputs(drv) ? 'DrvWithVersion("xp-dyn-drv",[' : "Derive([";
    if (drv.outputs.size === 1) {
      const [name] = drv.outputs.keys();
      if (drv.env.has(name)) this.#envOutputs.push(name);
    } else {
      // Not for-of, which makes an array of each name and value.
      drv.outputs.forEach((_, name) => void (drv.env.has(name) && this.#envOutputs.push(name)));
    }
  }

  /** Returns the whole text. `drv` must differ from the template's in outputs and their variables at most. */
  write(drv: Derivation, options: AtermForm = {}): string {
    const parts = this.#parts ??= this.#makeParts();
    const pieces = [this.#start(drv, options), parts[0]];
    this.#envOutputs.forEach((name, i) => pieces.push(outputValue(drv, name, options), parts[i + 1]));
    return pieces.join("");
  }

  #makeParts(): readonly string[] {
    const drv = this.#drv;
    const parts: string[] = [];
    // Pieces are joined at once: a text built by many small additions is a rope, to be flattened again in each use.
    let pieces = drv.inputSrcs.length === 0 ? ["],["] : ['],["', drv.inputSrcs.join('","'), '"'];
    pieces.push('],"', drv.system, '",', quoteAterm(drv.builder), ",[", drv.args.map(quoteAterm).join(","), "],[");
    let separator = "(";
    drv.env.forEach((value, name) => {
      pieces.push(separator, quoteAterm(name), ",");
      separator = "),(";
      if (drv.outputs.has(name)) {
        parts.push(pieces.join(""));
        pieces = [];
      } else pieces.push(quoteAterm(value));
    });
    pieces.push(drv.env.size === 0 ? "])" : ")])");
    parts.push(pieces.join(""));
    return parts;
  }

  /**
   * Returns the SHA-256, in base16, of what {@link write} returns. The forms of one derivation differ at the start and in a
   * few values, so the rest is made bytes once, without making it a string.
   */
  hash(drv: Derivation, options: AtermForm = {}): string {
    const ends = this.#encode();
    if (ends === null || !this.#putStart(drv, options)) return hashHex("sha256", this.write(drv, options));
    limit = BODY_AT;
    let from = BODY_AT;
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i];
      buffer.copyWithin(at, from, end);
      at += end - from;
      from = end;
      if (i === this.#envOutputs.length) break;
      if (!putQuoted(options.maskOutputs ? "" : drv.env.get(this.#envOutputs[i])!)) {
        return hashHex("sha256", this.write(drv, options));
      }
    }
    return hashHex("sha256", buffer.subarray(0, at));
  }

  #start(drv: Derivation, { maskOutputs = false, inputs = writeInputs(drv.inputDrvs) }: AtermForm): string {
    return `${this.#head}${writeOutputs(drv, maskOutputs)}],[${inputs}`;
  }

  /** Puts the start where it begins. */
  #putStart(drv: Derivation, { maskOutputs = false, inputs = writeInputs(drv.inputDrvs) }: AtermForm): boolean {
    at = 0;
    limit = MAX_START;
    return put(this.#head) && put(writeOutputs(drv, maskOutputs)) && put("],[") && put(inputs);
  }

  /** Puts all parts into the buffer, if they aren't there, and returns where they end, null if that can't be. */
  #encode(): readonly number[] | null {
    if (encoded === this) return this.#ends!;
    if (this.#ends === null) return null;
    encoded = null;
    at = BODY_AT;
    limit = BODY_AT + MAX_BODY;
    const ends: number[] = [];
    if (!this.#putParts(ends)) return this.#ends = null;
    encoded = this;
    return this.#ends = ends;
  }

  #putParts(ends: number[]): boolean {
    const { inputSrcs, system, builder, args, env, outputs } = this.#drv;
    let fits = put("],[");
    for (let i = 0; i < inputSrcs.length; i++) fits = fits && put(i === 0 ? '"' : '","') && put(inputSrcs[i]);
    if (inputSrcs.length > 0) fits = fits && put('"');
    fits = fits && put('],"') && put(system) && put('",') && putQuoted(builder) && put(",[");
    for (let i = 0; i < args.length; i++) fits = fits && (i === 0 || put(",")) && putQuoted(args[i]);
    fits = fits && put("],[");
    let separator = "(";
    env.forEach((value, name) => {
      fits = fits && put(separator) && putQuoted(name) && put(",");
      separator = "),(";
      if (outputs.has(name)) ends.push(at);
      else fits = fits && putQuoted(value);
    });
    fits = fits && put(env.size === 0 ? "])" : ")])");
    ends.push(at);
    return fits;
  }
}

/** In which of its forms an ATerm is written. */
export interface AtermForm {
  /** Whether paths of outputs, and the variables named like them, are left empty. */
  readonly maskOutputs?: boolean;
  /** What an {@link InputsWriter} makes; the derivation's own inputs unless given. */
  readonly inputs?: string;
}

function outputValue(drv: Derivation, name: string, { maskOutputs = false }: AtermForm): string {
  return maskOutputs ? '""' : quoteAterm(drv.env.get(name)!);
}

// Where ATerms are put together to be hashed, and at BODY_AT the parts of one template: a copy of bytes costs next to
// nothing beside making them of a string.
const BODY_AT = 1 << 19;
const MAX_BODY = 1 << 18;
const MAX_START = 1 << 17;
const buffer = new Uint8Array(2 * BODY_AT);
const encoder = new TextEncoder();
/** Whose parts they are. */
let encoded: AtermTemplate | null = null;
/** Where the next byte goes. */
let at = 0;
/** Where there is room for none. */
let limit = 0;

/** By char below 0x80: what stands behind a backslash for it, 0 if it stands for itself. */
const ESCAPES = new Uint8Array(0x80);
for (const char of '"\\\n\r\t') ESCAPES[char.charCodeAt(0)] = escapeChar(char).charCodeAt(1);

/** Longer texts are encoded by the runtime, whose call takes as long as some two hundred chars here. */
const SHORT = 200;

/** Puts a text into the buffer; returns false if it isn't ASCII or there is no room. */
function put(text: string): boolean {
  const { length } = text;
  if (at + length + 2 > limit) return false;
  if (length > SHORT) {
    // With room for two bytes more than chars, as many as chars are written only if all are ASCII.
    const { written } = encoder.encodeInto(text, buffer.subarray(at, at + length + 2));
    at += length;
    return written === length;
  }
  let all = 0;
  for (let i = 0; i < length; i++) all |= buffer[at++] = text.charCodeAt(i);
  return all < 0x80;
}

/** Puts what {@link quoteAterm} makes of a text. */
function putQuoted(text: string): boolean {
  const { length } = text;
  if (length > SHORT) return put(escaped(text));
  if (at + 2 * length + 2 > limit) return false;
  buffer[at++] = 0x22;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return false;
    const escape = ESCAPES[code];
    if (escape === 0) buffer[at++] = code;
    else {
      buffer[at++] = 0x5c;
      buffer[at++] = escape;
    }
  }
  buffer[at++] = 0x22;
  return true;
}

/**
 * Returns the ATerm of a derivation.
 * @example
 * ```ts
 * parseAterm(writeAterm(drv), { name: drv.name }); // equals drv
 * ```
 */
export function writeAterm(
  drv: Derivation,
  options: { readonly maskOutputs?: boolean; readonly inputs?: AtermInputs } = {},
): string {
  const { maskOutputs, inputs = drv.inputDrvs } = options;
  return new AtermTemplate(drv).write(drv, { maskOutputs, inputs: writeInputs(inputs) });
}

function writeOutputs(drv: Derivation, mask: boolean): string {
  let text = "";
  drv.outputs.forEach((output, name) => text += (text === "" ? '("' : ',("') + name + outputFields(output, mask));
  return text;
}

function outputFields(output: DerivationOutput, mask: boolean): string {
  switch (output.kind) {
    case "inputAddressed":
      return mask ? '","","","")' : `","${output.path}","","")`;
    case "deferred":
      return '","","","")';
    case "fixed": {
      const { method, hash } = output.ca;
      const path = mask ? "" : output.path;
      return `","${path}","${printMethodAlgo(method, hash.algo)}","${encodeBase16(hash.digest)}")`;
    }
    case "floating":
      return `","","${printMethodAlgo(output.method, output.algo)}","")`;
    case "impure":
      return `","","${printMethodAlgo(output.method, output.algo)}","impure")`;
  }
}

/** Makes the list of inputs in an ATerm, without its brackets. */
export class InputsWriter {
  readonly #pieces: string[] = [];

  /** Adds an input; they come sorted by `key`. */
  add(key: string, input: InputDrv): void {
    this.#pieces.push(this.#pieces.length === 0 ? '("' : ',("', key, '",', writeInput(input), ")");
  }

  /** Returns the list. */
  text(): string {
    return this.#pieces.join("");
  }
}

function writeInputs(inputs: AtermInputs): string {
  if (inputs.size === 0) return "";
  const writer = new InputsWriter();
  inputs.forEach((input, key) => writer.add(key, input));
  return writer.text();
}

function writeInput(input: InputDrv): string {
  if (input.dynamicOutputs === undefined && input.outputs.length === 1) {
    return input.outputs[0] === "out" ? '["out"]' : `["${input.outputs[0]}"]`;
  }
  const names = input.outputs.length === 0 ? "[]" : `["${input.outputs.join('","')}"]`;
  if (input.dynamicOutputs === undefined || input.dynamicOutputs.size === 0) return names;
  return `(${names},[${writeInputs(input.dynamicOutputs)}])`;
}

/**
 * Returns the derivation an ATerm describes; `name` is its store path's without ".drv".
 * @throws {DerivationError} with C++ Nix's message if the text is malformed.
 * @throws {StorePathError|HashError} if a path or hash in it is.
 */
export function parseAterm(text: string, options: StoreDirOptions & { readonly name: string }): Derivation {
  return new Parser(text, options).derivation();
}

class Parser {
  #at = 0;
  readonly #text: string;
  readonly #name: string;
  readonly #store: StoreDirOptions;

  constructor(text: string, options: StoreDirOptions & { readonly name: string }) {
    this.#text = text;
    this.#name = options.name;
    this.#store = { storeDir: options.storeDir };
  }

  derivation(): Derivation {
    const dynamic = this.#head();
    this.#expect("[");
    const outputs = new Map<string, DerivationOutput>();
    while (!this.#endOfList()) {
      this.#expect("(");
      const name = this.#string();
      const output = this.#output(name);
      // As in C++ Nix the first of two equal names wins here, and the last in the other maps.
      if (!outputs.has(name)) outputs.set(name, output);
    }
    this.#expect(",[");
    const inputDrvs = new Map<DrvPath, InputDrv>();
    while (!this.#endOfList()) {
      this.#expect("(");
      const path = this.#path();
      this.#expect(",");
      const storePath = parseStorePath(path, this.#store) as DrvPath;
      inputDrvs.set(storePath, this.#input(dynamic));
      this.#expect(")");
    }
    this.#expect(",[");
    const inputSrcs: StorePath[] = [];
    const rawSrcs: string[] = [];
    while (!this.#endOfList()) rawSrcs.push(this.#path());
    for (const path of rawSrcs) inputSrcs.push(parseStorePath(path, this.#store));
    this.#expect(",");
    const system = this.#string();
    this.#expect(",");
    const builder = this.#string();
    this.#expect(",[");
    const args: string[] = [];
    while (!this.#endOfList()) args.push(this.#string());
    this.#expect(",[");
    const env = new Map<string, string>();
    while (!this.#endOfList()) {
      this.#expect("(");
      const name = this.#string();
      this.#expect(",");
      env.set(name, this.#string());
      this.#expect(")");
    }
    this.#expect(")");
    return {
      name: this.#name,
      outputs: sortedMap(outputs),
      inputDrvs: sortedMap(inputDrvs),
      inputSrcs: sortedSet(inputSrcs),
      system,
      builder,
      args,
      env: sortedMap(env),
    };
  }

  #head(): boolean {
    this.#expect("D");
    switch (this.#text[this.#at]) {
      case "e":
        this.#expect("erive(");
        return false;
      case "r": {
        this.#expect("rvWithVersion(");
        const version = this.#string();
        if (version !== "xp-dyn-drv") {
          throw new DerivationError(`Unknown derivation ATerm format version '${version}'`);
        }
        this.#expect(",");
        return true;
      }
    }
    throw new DerivationError("derivation does not start with 'Derive' or 'DrvWithVersion'");
  }

  #output(name: string): DerivationOutput {
    this.#expect(",");
    const path = this.#string();
    this.#expect(",");
    const methodAlgo = this.#string();
    this.#expect(",");
    const hash = this.#string();
    this.#expect(")");
    return parseOutput({ path, methodAlgo, hash }, { ...this.#store, drvName: this.#name, output: name });
  }

  #input(dynamic: boolean): InputDrv {
    if (!dynamic) return { outputs: this.#strings() };
    switch (this.#text[this.#at]) {
      case "[":
        return { outputs: this.#strings() };
      case "(": {
        this.#at++;
        const outputs = this.#strings();
        this.#expect(",[");
        const dynamicOutputs = new Map<string, InputDrv>();
        while (!this.#endOfList()) {
          this.#expect("(");
          const name = this.#string();
          this.#expect(",");
          dynamicOutputs.set(name, this.#input(true));
          this.#expect(")");
        }
        this.#expect(")");
        return { outputs, dynamicOutputs: sortedMap(dynamicOutputs) };
      }
    }
    throw new DerivationError("invalid inputDrvs entry in derivation");
  }

  #expect(text: string): void {
    if (!this.#text.startsWith(text, this.#at)) throw new DerivationError(`expected string '${text}'`);
    this.#at += text.length;
  }

  #endOfList(): boolean {
    const char = this.#text.charCodeAt(this.#at);
    if (char !== 0x2c && char !== 0x5d) return false;
    this.#at++;
    return char === 0x5d;
  }

  #strings(): readonly string[] {
    const list: string[] = [];
    this.#expect("[");
    while (!this.#endOfList()) list.push(this.#string());
    return sortedSet(list);
  }

  #path(): string {
    const path = this.#string();
    checkPath(path);
    return path;
  }

  #string(): string {
    this.#expect('"');
    const text = this.#text;
    const start = this.#at;
    for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
      let backslashes = 0;
      while (text.charCodeAt(end - backslashes - 1) === 0x5c && end - backslashes > start) backslashes++;
      if (backslashes % 2 === 1) continue;
      this.#at = end + 1;
      const content = text.slice(start, end);
      return content.includes("\\") ? content.replace(/\\([^])/g, unescapeChar) : content;
    }
    throw new DerivationError("unterminated string in derivation");
  }
}

function unescapeChar(_: string, char: string): string {
  return char === "n" ? "\n" : char === "r" ? "\r" : char === "t" ? "\t" : char;
}

function checkPath(path: string): void {
  if (path.charCodeAt(0) !== 0x2f) throw new DerivationError(`bad path '${path}' in derivation`);
}

/** The three fields by which ATerms and the worker protocol describe an output. */
export interface OutputFields {
  readonly path: string;
  /** "r:sha256" and the like, or "". */
  readonly methodAlgo: string;
  /** A digest, "impure", or "". */
  readonly hash: string;
}

/**
 * Returns the output that three fields describe.
 * @throws {DerivationError|HashError|StorePathError} with C++ Nix's message if they contradict each other.
 */
function parseOutput(
  fields: OutputFields,
  options: StoreDirOptions & { readonly drvName: string; readonly output: string },
): DerivationOutput {
  const { path, methodAlgo, hash } = fields;
  if (methodAlgo === "") {
    if (path === "") return { kind: "deferred" };
    checkPath(path);
    return { kind: "inputAddressed", path: parseStorePath(path, options) };
  }
  const { method, rest } = splitContentAddressPrefix(methodAlgo);
  const algo = parseHashAlgo(rest);
  if (hash === "impure") {
    if (path !== "") throw new DerivationError("impure derivation output should not specify output path");
    return { kind: "impure", method, algo };
  }
  if (hash !== "") {
    checkPath(path);
    return fixedOutput({ method, hash: parseHashUnprefixed(hash, algo) }, options);
  }
  if (path !== "") throw new DerivationError("content-addressing derivation output should not specify output path");
  return { kind: "floating", method, algo };
}
