/**
 * A derivation while its attributes are looked at, in the order of their names.
 *
 * Attributes become environment variables or, if they are structured, one JSON object; some also say what the outputs
 * are and how their paths come about. Only context and these few are kept apart, all else is text.
 */
import type { ContentAddressMethod } from "../lib/format/content_address.ts";
import { type Derivation, type DerivationOutput, fixedOutput } from "../lib/format/derivation.ts";
import { type HashAlgo, isHashAlgo } from "../lib/format/hash.ts";
import { placeholder } from "../lib/format/placeholder.ts";
import { coerceToString, type CopyToStore } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { evalError, hint, LibraryError } from "../lib/runtime/errors.ts";
import { forceBool, forceList, forceString, forceStringNoContext } from "../lib/runtime/expect.ts";
import type { EvalLog } from "../lib/runtime/log.ts";
import { ContextString, type Slot, stringText } from "../lib/runtime/value.ts";
import { intern, type Symbol, symbolName } from "../lib/syntax/symbols.ts";
import type { DerivationInputs } from "./_derivation_inputs.ts";
import { requireFeature } from "./_features.ts";
import { readHashAllowEmpty } from "./_read_hash.ts";
import { jsonObject, normaliseJson, toJsonMember } from "./_structured_attrs.ts";

/** What looking at a derivation's attributes needs. */
export interface DraftDeps {
  readonly storeDir: string;
  readonly copyToStore: CopyToStore;
  readonly log: EvalLog;
  readonly features: ReadonlySet<string>;
}

const STRUCTURED_ATTRS = intern("__structuredAttrs");
const CONTENT_ADDRESSED = intern("__contentAddressed");
const IMPURE = intern("__impure");
const JSON_VAR = intern("__json");
const ARGS = intern("args");
const BUILDER = intern("builder");
const SYSTEM = intern("system");
const OUTPUTS = intern("outputs");
const OUTPUT_HASH = intern("outputHash");
const OUTPUT_HASH_ALGO = intern("outputHashAlgo");
const OUTPUT_HASH_MODE = intern("outputHashMode");

/** Attributes that have an effect only outside of structured attributes. */
const DISABLED_BY_STRUCTURED_ATTRS: ReadonlySet<Symbol> = new Set(
  [
    "allowedReferences",
    "allowedRequisites",
    "disallowedReferences",
    "disallowedRequisites",
    "maxSize",
    "maxClosureSize",
  ]
    .map(intern),
);

/** Words that give way to the frame of the attribute. */
const BELOW = "";

/** A derivation whose attributes are being looked at. */
export class DerivationDraft {
  readonly context = new ContextBuilder();
  /** Members of the JSON object if attributes are structured, in order of their names. */
  structured: string[] | null = null;

  readonly #name: string;
  readonly #deps: DraftDeps;
  readonly #args: string[] = [];
  /** Environment variables in order of their names. */
  readonly #envNames: string[] = [];
  readonly #envValues: string[] = [];
  /** The value of `__json` if it was given as such. */
  #json: string | null = null;
  /** Why the JSON of structured attributes can't be written: the first reason there is. */
  #badString: string | null = null;
  #builder = "";
  #system = "";
  #contentAddressed = false;
  #impure = false;
  #outputs: readonly string[] = ["out"];
  #outputHash: string | null = null;
  #outputHashAlgo: HashAlgo | undefined;
  #method: ContentAddressMethod | undefined;

  constructor(name: string, deps: DraftDeps) {
    this.#name = name;
    this.#deps = deps;
  }

  /** Takes the next attribute in the order of names. */
  attribute(name: Symbol, slot: Slot, coercion: { readonly strong: boolean; readonly copy: CopyToStore }): void {
    switch (name) {
      case CONTENT_ADDRESSED:
        if (forceBool(slot, BELOW)) {
          this.#contentAddressed = true;
          requireFeature(this.#deps.features, "ca-derivations");
        }
        return;
      case IMPURE:
        if (forceBool(slot, BELOW)) {
          this.#impure = true;
          requireFeature(this.#deps.features, "impure-derivations");
        }
        return;
      case ARGS:
        for (const element of forceList(slot, BELOW)) {
          this.#args.push(
            coerceToString(element, this.context, coercion, "while evaluating an element of the argument list"),
          );
        }
        return;
    }
    if (this.structured !== null) {
      if (name !== STRUCTURED_ATTRS) this.#structuredAttribute(name, slot, this.structured);
      return;
    }
    const text = coerceToString(slot, this.context, coercion, BELOW);
    if (name === JSON_VAR) {
      this.#deps.log.warn(
        `In derivation '${this.#name}': setting structured attributes via '__json' is deprecated, and may be disallowed in future versions of Nix. Set '__structuredAttrs = true' instead.`,
      );
      this.#json = normaliseJson(text);
      return;
    }
    this.#envNames.push(symbolName(name));
    this.#envValues.push(text);
    switch (name) {
      case BUILDER:
        this.#builder = text;
        break;
      case SYSTEM:
        this.#system = text;
        break;
      case OUTPUTS:
        this.#setOutputs(text.split(/[ \t\n\r]+/).filter((output) => output !== ""));
        break;
      case OUTPUT_HASH:
        this.#outputHash = text;
        break;
      case OUTPUT_HASH_ALGO:
        this.#setAlgo(text);
        break;
      case OUTPUT_HASH_MODE:
        this.#setMethod(text);
        break;
    }
  }

  #structuredAttribute(name: Symbol, slot: Slot, members: string[]): void {
    const options = {
      copy: this.#deps.copyToStore,
      onBadString: ({ reason }: { readonly reason: string }) => void (this.#badString ??= reason),
    };
    members.push(toJsonMember(symbolName(name), slot, this.context, options));
    switch (name) {
      case BUILDER: {
        const v = forceString(slot, BELOW);
        if (v instanceof ContextString) this.context.add(v.context);
        this.#builder = stringText(v);
        break;
      }
      case SYSTEM:
        this.#system = forceStringNoContext(slot, BELOW);
        break;
      case OUTPUTS:
        this.#setOutputs(forceList(slot, BELOW).map((output) => forceStringNoContext(output, BELOW)));
        break;
      case OUTPUT_HASH:
        this.#outputHash = forceStringNoContext(slot, BELOW);
        break;
      case OUTPUT_HASH_ALGO:
        this.#setAlgo(forceStringNoContext(slot, BELOW));
        break;
      case OUTPUT_HASH_MODE:
        this.#setMethod(forceStringNoContext(slot, BELOW));
        break;
    }
    if (DISABLED_BY_STRUCTURED_ATTRS.has(name)) {
      const attr = symbolName(name);
      this.#deps.log.warn(
        `In a derivation named '${this.#name}', 'structuredAttrs' disables the effect of the derivation attribute '${attr}'; use 'outputChecks.<output>.${attr}' instead`,
      );
    }
  }

  #setOutputs(outputs: readonly string[]): void {
    const seen = new Set<string>();
    for (const output of outputs) {
      if (seen.has(output)) throw evalError(hint`duplicate derivation output '${output}'`);
      if (output === "drvPath") throw evalError("invalid derivation output name 'drvPath'");
      seen.add(output);
    }
    if (seen.size === 0) throw evalError("derivation cannot have an empty set of outputs");
    this.#outputs = [...seen].sort();
  }

  /** As in C++ Nix, the name of an algorithm that doesn't exist counts as none. */
  #setAlgo(text: string): void {
    if (text === "blake3") requireFeature(this.#deps.features, "blake3-hashes");
    this.#outputHashAlgo = isHashAlgo(text) ? text : undefined;
  }

  #setMethod(text: string): void {
    switch (text) {
      case "recursive":
      case "nar":
        this.#method = "nar";
        break;
      case "flat":
        this.#method = "flat";
        break;
      case "text":
        this.#method = "text";
        requireFeature(
          this.#deps.features,
          "dynamic-derivations",
          `text-hashed derivation '${this.#name}', outputHashMode = "text"`,
        );
        break;
      case "git":
        this.#method = "git";
        requireFeature(this.#deps.features, "git-hashing");
        break;
      default:
        throw evalError(hint`invalid value '${text}' for 'outputHashMode' attribute`);
    }
  }

  /** Returns the derivation, whose output paths may be missing. @throws {NixError|FormatError} if it can't be. */
  finish(inputs: DerivationInputs): Derivation {
    if (this.#builder === "") throw evalError("required attribute 'builder' missing");
    if (this.#system === "") throw evalError("required attribute 'system' missing");
    const onlyOut = this.#outputs.length === 1 && this.#outputs[0] === "out";
    if (this.#name.endsWith(".drv") && !(this.#method === "text" && onlyOut)) {
      throw evalError(
        hint`derivation names are allowed to end in '${".drv"}' only if they produce a single derivation file`,
      );
    }
    const outputs = this.#makeOutputs(onlyOut);
    return {
      name: this.#name,
      outputs,
      inputDrvs: inputs.inputDrvs,
      inputSrcs: inputs.inputSrcs,
      system: this.#system,
      builder: this.#builder,
      args: this.#args.slice(),
      env: this.#makeEnv(outputs),
    };
  }

  #makeOutputs(onlyOut: boolean): ReadonlyMap<string, DerivationOutput> {
    const name = this.#name;
    const { storeDir } = this.#deps;
    if (this.#outputHash !== null) {
      if (!onlyOut) throw evalError("multiple outputs are not supported in fixed-output derivations");
      const hash = readHashAllowEmpty(this.#outputHash, this.#outputHashAlgo, this.#deps);
      const ca = { method: this.#method ?? "flat", hash };
      return new Map([["out", fixedOutput(ca, { drvName: name, output: "out", storeDir })]]);
    }
    let output: DerivationOutput = { kind: "deferred" };
    if (this.#contentAddressed || this.#impure) {
      if (this.#contentAddressed && this.#impure) {
        throw evalError("derivation cannot be both content-addressed and impure");
      }
      const method = this.#method ?? "nar";
      const algo = this.#outputHashAlgo ?? "sha256";
      output = { kind: this.#impure ? "impure" : "floating", method, algo };
    }
    const outputs = new Map<string, DerivationOutput>();
    for (const o of this.#outputs) outputs.set(o, output);
    return outputs;
  }

  /** Returns the environment with a variable for each output, in order of names. */
  #makeEnv(outputs: ReadonlyMap<string, DerivationOutput>): ReadonlyMap<string, string> {
    // Variables that come from elsewhere than an attribute of their name, which they win over.
    const added: [string, string][] = [];
    for (const [name, { kind }] of outputs) {
      added.push([name, kind === "floating" || kind === "impure" ? placeholder(name) : ""]);
    }
    if (this.#badString !== null) throw new LibraryError(this.#badString);
    const json = this.structured === null ? this.#json : jsonObject(this.structured);
    if (json !== null) {
      added.push([symbolName(JSON_VAR), json]);
      added.sort((a, b) => a[0] < b[0] ? -1 : 1);
    }
    const env = new Map<string, string>();
    const names = this.#envNames;
    const values = this.#envValues;
    let next = 0;
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      while (next < added.length && added[next][0] < name) env.set(...added[next++]);
      if (next < added.length && added[next][0] === name) env.set(...added[next++]);
      else env.set(name, values[i]);
    }
    while (next < added.length) env.set(...added[next++]);
    return env;
  }
}
