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
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
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
  readonly #head: string;
  /** The text behind the inputs, up to the value of each output's variable in order of name, and then the rest. */
  readonly #parts: readonly string[];
  readonly #envOutputs: readonly string[];

  constructor(drv: Derivation) {
    this.#head = hasDynamicInputs(drv) ? 'DrvWithVersion("xp-dyn-drv",[' : "Derive([";
    // Pieces are joined at once: a text built by many small additions is a rope, to be flattened again in each use.
    const parts: string[] = [];
    const outputs: string[] = [];
    let pieces = drv.inputSrcs.length === 0 ? ["],["] : ['],["', drv.inputSrcs.join('","'), '"'];
    pieces.push('],"', drv.system, '",', quoteAterm(drv.builder), ",[", drv.args.map(quoteAterm).join(","), "],[");
    let separator = "(";
    // Not for-of, which makes an array of each name and value.
    drv.env.forEach((value, name) => {
      if (NEEDS_ESCAPE.test(name)) pieces.push(separator, quoteAterm(name), ",");
      else pieces.push(separator, '"', name, '",');
      separator = "),(";
      if (drv.outputs.has(name)) {
        parts.push(pieces.join(""));
        outputs.push(name);
        pieces = [];
      } else if (NEEDS_ESCAPE.test(value)) pieces.push(quoteAterm(value));
      else pieces.push('"', value, '"');
    });
    pieces.push(drv.env.size === 0 ? "])" : ")])");
    parts.push(pieces.join(""));
    this.#parts = parts;
    this.#envOutputs = outputs;
  }

  /** Returns the whole text. `drv` must differ from the template's in outputs and their variables at most. */
  write(drv: Derivation, options: AtermForm = {}): string {
    const parts = this.#parts;
    const pieces = [this.#start(drv, options), parts[0]];
    this.#envOutputs.forEach((name, i) => pieces.push(outputValue(drv, name, options), parts[i + 1]));
    return pieces.join("");
  }

  /**
   * Returns the SHA-256, in base16, of what {@link write} returns. The forms of one derivation differ at the start and in a
   * few values, so the rest is made bytes once.
   */
  hash(drv: Derivation, options: AtermForm = {}): string {
    const start = this.#start(drv, options);
    if (start.length > MAX_START || !this.#encode()) return hashHex("sha256", this.write(drv, options));
    const { read, written } = encoder.encodeInto(start, buffer);
    if (read !== written) return hashHex("sha256", this.write(drv, options));
    let to = written;
    let from = BODY_AT;
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i++) {
      const end = from + parts[i].length;
      buffer.copyWithin(to, from, end);
      to += end - from;
      from = end;
      if (i < this.#envOutputs.length) {
        const value = outputValue(drv, this.#envOutputs[i], options);
        const put = encoder.encodeInto(value, buffer.subarray(to, BODY_AT));
        if (put.written !== value.length) return hashHex("sha256", this.write(drv, options));
        to += value.length;
      }
    }
    return hashHex("sha256", buffer.subarray(0, to));
  }

  #start(drv: Derivation, { maskOutputs = false, inputs = writeInputs(drv.inputDrvs) }: AtermForm): string {
    return `${this.#head}${writeOutputs(drv, maskOutputs)}],[${inputs}`;
  }

  /** Puts all parts into the buffer, if they aren't there and if they fit and are ASCII. */
  #encode(): boolean {
    if (encoded === this) return true;
    encoded = null;
    let at = BODY_AT;
    for (const part of this.#parts) {
      const { written } = encoder.encodeInto(part, buffer.subarray(at));
      if (written !== part.length || at + written - BODY_AT > MAX_BODY) return false;
      at += written;
    }
    encoded = this;
    return true;
  }
}

/** In which of its forms an ATerm is written. */
export interface AtermForm {
  /** Whether paths of outputs, and the variables named like them, are left empty. */
  readonly maskOutputs?: boolean;
  /** What {@link writeInputs} returns; for the derivation's own inputs unless given. */
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
  let separator = '("';
  for (const [name, output] of drv.outputs) {
    text += separator + name + outputFields(output, mask);
    separator = ',("';
  }
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

/** Returns inputs as the list in an ATerm has them, without its brackets. */
export function writeInputs(inputs: Iterable<readonly [key: string, input: InputDrv]>): string {
  const pieces: string[] = [];
  let separator = '("';
  for (const [key, input] of inputs) {
    pieces.push(separator, key, '",', writeInput(input), ")");
    separator = ',("';
  }
  return pieces.join("");
}

function writeInput(input: InputDrv): string {
  if (input.outputs.length === 1 && input.dynamicOutputs === undefined) return `["${input.outputs[0]}"]`;
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
export function parseOutput(
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
