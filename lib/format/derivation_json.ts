// Derivations as JSON, as `nix derivation show` prints and `nix derivation add` takes them: format version 4, of Nix 2.34.
//
// Store paths are base names there. The path of a fixed output isn't part of it (it follows from the hash), and structured
// attributes are JSON of their own instead of the variable "__json". Text is a binary string holding UTF-8; a derivation
// whose strings aren't UTF-8 has no JSON form.

import { binaryToUtf8, utf8ToBinary } from "./bytes.ts";
import { parseContentAddressMethod } from "./content_address.ts";
import { type Derivation, type DerivationOutput, fixedOutput, type InputDrv, newDerivation } from "./derivation.ts";
import { STRUCTURED_ATTRS_VAR } from "./derivation.ts";
import { parseHashAlgo, parseSri, printHash } from "./hash.ts";
import { printJsonObject, quoteJson } from "./json_text.ts";
import { type DrvPath, type StoreDirOptions, type StorePath } from "./store_path.ts";
import { storePathBaseName, storePathFromBaseName } from "./store_path.ts";
import { DerivationError } from "./errors.ts";

/** The version of the format, in each derivation and in the whole. */
export const DERIVATION_JSON_VERSION = 4;

/** Returns what `nix derivation show` prints for these derivations, in compact form. */
export function printDerivationsJson(derivations: Iterable<readonly [DrvPath, Derivation]>): string {
  const sorted = Array.from(derivations).sort((a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
  const members = sorted.map(([path, drv]) => [quote(storePathBaseName(path)), printDerivationJson(drv)] as const);
  return `{"derivations":${printJsonObject(members)},"version":${DERIVATION_JSON_VERSION}}`;
}

/** Returns the JSON of one derivation, compact. @throws {DerivationError} if a string in it isn't UTF-8. */
export function printDerivationJson(drv: Derivation): string {
  const structured = drv.env.get(STRUCTURED_ATTRS_VAR);
  const env = [...drv.env].filter(([name]) => name !== STRUCTURED_ATTRS_VAR);
  const drvs = Array.from(
    drv.inputDrvs,
    ([path, input]) => [quote(storePathBaseName(path)), printInput(input)] as const,
  );
  const members: [string, string][] = [
    ['"args"', list(drv.args)],
    ['"builder"', quote(drv.builder)],
    ['"env"', printJsonObject(env.map(([name, value]) => [quote(name), quote(value)]))],
    ['"inputs"', `{"drvs":${printJsonObject(drvs)},"srcs":${list(drv.inputSrcs.map(storePathBaseName))}}`],
    ['"name"', quote(drv.name)],
    ['"outputs"', printJsonObject(Array.from(drv.outputs, ([name, output]) => [quote(name), printOutput(output)]))],
  ];
  // As it is: C++ Nix parses and prints it again, which changes nothing in what an evaluator wrote.
  if (structured !== undefined) members.push(['"structuredAttrs"', structured]);
  members.push(['"system"', quote(drv.system)], ['"version"', String(DERIVATION_JSON_VERSION)]);
  return printJsonObject(members);
}

function printOutput(output: DerivationOutput): string {
  switch (output.kind) {
    case "inputAddressed":
      return `{"path":${quote(storePathBaseName(output.path))}}`;
    case "fixed":
      return `{"hash":"${printHash(output.ca.hash, "sri")}","method":"${output.ca.method}"}`;
    case "floating":
      return `{"hashAlgo":"${output.algo}","method":"${output.method}"}`;
    case "impure":
      return `{"hashAlgo":"${output.algo}","impure":true,"method":"${output.method}"}`;
    case "deferred":
      return "{}";
  }
}

function printInput(input: InputDrv): string {
  const dynamic = Array.from(input.dynamicOutputs ?? [], ([name, child]) => [quote(name), printInput(child)] as const);
  return `{"dynamicOutputs":${printJsonObject(dynamic)},"outputs":${list(input.outputs)}}`;
}

function list(texts: readonly string[]): string {
  return `[${texts.map(quote).join(",")}]`;
}

function quote(text: string): string {
  const json = quoteJson(text);
  if (json === undefined) throw new DerivationError(`Cannot print derivation as JSON: "${text}" is not UTF-8`);
  return json;
}

/**
 * Returns the derivation that a JSON text describes. Output paths and variables are as the text has them; see
 * `fillInOutputPaths` for those it leaves out.
 * @throws {DerivationError} if the text isn't of this format, or of another version.
 * @throws {HashError|StorePathError|FormatError} if a hash, path or method in it is malformed.
 */
export function parseDerivationJson(text: string, options: StoreDirOptions = {}): Derivation {
  const json = object(parseJson(text), "derivation");
  const version = member(json, "version");
  if (!(version instanceof NumberLiteral) || Number(version.source) !== DERIVATION_JSON_VERSION) {
    const got = version instanceof NumberLiteral ? version.source : JSON.stringify(version);
    throw malformed(`version is ${got}, only ${DERIVATION_JSON_VERSION} is supported`);
  }
  const name = string(member(json, "name"), "name");
  const inputs = object(member(json, "inputs"), "inputs");
  const env = new Map(entries(member(json, "env"), "env").map(([key, value]) => [key, string(value, `env.${key}`)]));
  if (Object.hasOwn(json, "structuredAttrs")) env.set(STRUCTURED_ATTRS_VAR, printJson(json.structuredAttrs));
  return newDerivation({
    name,
    outputs: new Map(
      entries(member(json, "outputs"), "outputs").map(([output, value]) => [
        output,
        parseOutput(object(value, `outputs.${output}`), { ...options, drvName: name, output }),
      ]),
    ),
    inputDrvs: new Map(
      entries(member(inputs, "drvs"), "inputs.drvs").map(([path, value]) => [
        storePathFromBaseName(path, options) as DrvPath,
        parseInput(value, `inputs.drvs.${path}`),
      ]),
    ),
    inputSrcs: strings(member(inputs, "srcs"), "inputs.srcs").map((path): StorePath =>
      storePathFromBaseName(path, options)
    ),
    system: string(member(json, "system"), "system"),
    builder: string(member(json, "builder"), "builder"),
    args: strings(member(json, "args"), "args"),
    env,
  });
}

function parseOutput(
  json: JsonObject,
  options: StoreDirOptions & { readonly drvName: string; readonly output: string },
): DerivationOutput {
  const where = `outputs.${options.output}`;
  const text = (key: string): string => string(member(json, key), `${where}.${key}`);
  switch (Object.keys(json).sort().join(" ")) {
    case "":
      return { kind: "deferred" };
    case "path":
      return { kind: "inputAddressed", path: storePathFromBaseName(text("path"), options) };
    case "hash method":
      return fixedOutput({ method: parseContentAddressMethod(text("method")), hash: parseSri(text("hash")) }, options);
    case "hashAlgo method":
      return {
        kind: "floating",
        method: parseContentAddressMethod(text("method")),
        algo: parseHashAlgo(text("hashAlgo")),
      };
    case "hashAlgo impure method":
      return {
        kind: "impure",
        method: parseContentAddressMethod(text("method")),
        algo: parseHashAlgo(text("hashAlgo")),
      };
  }
  throw new DerivationError("invalid JSON for derivation output");
}

function parseInput(value: Json, where: string): InputDrv {
  const json = object(value, where);
  const outputs = [...new Set(strings(member(json, "outputs"), `${where}.outputs`))].sort();
  const dynamic = entries(member(json, "dynamicOutputs"), `${where}.dynamicOutputs`);
  if (dynamic.length === 0) return { outputs };
  dynamic.sort((a, b) => a[0] < b[0] ? -1 : 1);
  return {
    outputs,
    dynamicOutputs: new Map(dynamic.map(([name, child]) => [name, parseInput(child, `${where}.${name}`)])),
  };
}

/** A number as it was written, so that structured attributes keep theirs. */
class NumberLiteral {
  constructor(readonly source: string) {}
}

type Json = null | boolean | string | NumberLiteral | readonly Json[] | JsonObject;
type JsonObject = { readonly [key: string]: Json };

function parseJson(text: string): Json {
  // The third argument (source text access) is younger than TypeScript's declaration.
  const keepNumbers = (_: string, value: unknown, context?: { source: string }): unknown =>
    typeof value === "number" ? new NumberLiteral(context!.source) : value;
  try {
    return JSON.parse(binaryToUtf8(text), keepNumbers as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DerivationError(`Cannot parse derivation JSON: ${error.message}`, { cause: error });
  }
}

/** Prints with keys sorted by bytes. */
function printJson(value: Json): string {
  if (value instanceof NumberLiteral) return value.source;
  if (Array.isArray(value)) return `[${value.map(printJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, child]) => [utf8ToBinary(key), printJson(child)] as const);
    members.sort((a, b) => a[0] < b[0] ? -1 : 1);
    return printJsonObject(members.map(([key, child]) => [quote(key), child]));
  }
  return typeof value === "string" ? quote(utf8ToBinary(value)) : JSON.stringify(value);
}

function malformed(reason: string): DerivationError {
  return new DerivationError(`Cannot parse derivation JSON: ${reason}`);
}

function object(value: Json, where: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NumberLiteral)) {
    return value as JsonObject;
  }
  throw malformed(`${where} is not an object`);
}

function member(json: JsonObject, key: string): Json {
  if (!Object.hasOwn(json, key)) throw malformed(`${key} is missing`);
  return json[key];
}

function entries(value: Json, where: string): [string, Json][] {
  return Object.entries(object(value, where)).map(([key, child]) => [utf8ToBinary(key), child]);
}

function string(value: Json, where: string): string {
  if (typeof value !== "string") throw malformed(`${where} is not a string`);
  return utf8ToBinary(value);
}

function strings(value: Json, where: string): string[] {
  if (!Array.isArray(value)) throw malformed(`${where} is not a list`);
  return value.map((item, i) => string(item, `${where}[${i}]`));
}
