// Output paths and derivation paths.
//
// The path of an input-addressed output follows from the derivation's *hash modulo*: the SHA-256 of its ATerm with each
// input derivation's path replaced by that derivation's own hash modulo, so that how a fixed output is fetched doesn't
// matter to what uses it. For a fixed-output derivation the hash is that of a short text naming content and path. While the
// paths are computed the ATerm's outputs are masked; for the derivation's own users they are not, so a derivation has two.
// A derivation with, or depending on, floating or impure outputs is deferred: its hash exists, paths don't.
//
// The hash of each derivation must be remembered by whoever looks it up (ModuloLookup), or cost grows with the number of
// ways through the dependency graph. All is as in C++ Nix 2.34's libstore/derivations.cc.

import { AtermTemplate, InputsWriter } from "./aterm.ts";
import type { Derivation, DerivationOutput, InputDrv } from "./derivation.ts";
import { derivationType, printMethodAlgo } from "./derivation.ts";
import { encodeBase16 } from "./base_encodings.ts";
import { hashHex } from "./hash.ts";
import { makeTextPathOfHash } from "./content_address.ts";
import { makeOutputPath } from "./store_path.ts";
import type { DrvPath, StoreDirOptions, StorePath } from "./store_path.ts";
import { sortedMap, sortedSet } from "./sorted.ts";
import { DerivationError } from "./errors.ts";

/** What the users of a derivation put in place of its path. */
export interface HashModulo {
  /** SHA-256 in base16. One for all outputs: only those of fixed outputs could differ, and these come alone. */
  readonly hex: string;
  /** Whether output paths can't follow from it. */
  readonly deferred: boolean;
  /** The derivation's outputs by name. */
  readonly outputs: { has(name: string): boolean };
}

/** Returns the hash modulo of an input derivation, remembering it; throws if the derivation isn't known. */
export type ModuloLookup = (drvPath: DrvPath) => HashModulo;

/** A derivation with all that follows from it. */
export interface Instantiated {
  /** With output paths filled in where they can be known. */
  readonly drv: Derivation;
  readonly drvPath: DrvPath;
  /** Makes the content of the file at `drvPath`, a binary string. */
  readonly aterm: () => string;
  /** Works out the hash modulo. */
  readonly modulo: () => HashModulo;
}

/** How derivations are completed. */
export interface InstantiationOptions extends StoreDirOptions {
  /** The derivation is given away: variables are filled in in its own environment, which must be a Map. */
  readonly consume?: boolean;
}

/**
 * Fills in output paths and their environment variables, and returns the derivation with its text, its path and its hash
 * modulo. Paths are computed for deferred outputs, whose variables must be absent or "".
 * @throws {DerivationError} with C++ Nix's message if the outputs can't go together, an input lacks an output that is used,
 * or a path or variable is there and wrong.
 *
 * @example
 * ```ts
 * const modulos = new Map<DrvPath, HashModulo>();
 * const { drvPath, modulo } = instantiate(drv, (path) => modulos.get(path)!);
 * modulos.set(drvPath, modulo());
 * ```
 */
export function instantiate(drv: Derivation, lookup: ModuloLookup, options: InstantiationOptions = {}): Instantiated {
  return new Instantiation(drv, lookup, options).finish();
}

/** {@link instantiate} in two steps, for whoever may know the derivation already. */
export class Instantiation {
  /** All store paths that the derivation's file refers to, in order. */
  readonly references: readonly StorePath[];
  /**
   * A hash by which a derivation is the same as another one of the same name and references with that hash; null where
   * only its path tells.
   */
  readonly twinHash: string | null;
  readonly #calculation: Calculation;
  readonly #options: InstantiationOptions;

  constructor(drv: Derivation, lookup: ModuloLookup, options: InstantiationOptions) {
    this.references = referencesOf(drv);
    this.#options = options;
    this.#calculation = new Calculation(drv, lookup, options);
    this.twinHash = this.#calculation.twinHash();
  }

  /** Does what {@link instantiate} does. */
  finish(): Instantiated {
    const calculation = this.#calculation;
    const drv = calculation.withOutputPaths("fill in");
    const template = calculation.templateFor(drv);
    const drvPath = makeTextPathOfHash(template.hash(drv), {
      name: `${drv.name}.drv`,
      references: this.references,
      storeDir: this.#options.storeDir,
    }) as DrvPath;
    return { drv, drvPath, aterm: () => template.write(drv), modulo: () => calculation.modulo(drv, false) };
  }
}

/** Returns the hash modulo of a derivation: for its users, or for its own output paths if outputs are masked. */
export function hashModulo(
  drv: Derivation,
  lookup: ModuloLookup,
  options: { readonly maskOutputs?: boolean } = {},
): HashModulo {
  return new Calculation(drv, lookup, {}).modulo(drv, options.maskOutputs ?? false);
}

/** Returns the derivation with output paths and their variables filled in, as {@link instantiate} does. */
export function fillInOutputPaths(drv: Derivation, lookup: ModuloLookup, options: StoreDirOptions = {}): Derivation {
  return new Calculation(drv, lookup, options).withOutputPaths("fill in");
}

/** Checks that all output paths that can be known are there and right. @throws {DerivationError} if not. */
export function checkOutputPaths(drv: Derivation, lookup: ModuloLookup, options: StoreDirOptions = {}): void {
  new Calculation(drv, lookup, options).withOutputPaths("check");
}

/** Returns the store path of a derivation, whose ATerm the caller has. */
export function makeDrvPath(drv: Derivation, aterm: string, { storeDir }: StoreDirOptions = {}): DrvPath {
  return makeTextPathOfHash(hashHex("sha256", aterm), {
    name: `${drv.name}.drv`,
    references: referencesOf(drv),
    storeDir,
  }) as DrvPath;
}

/** Returns all store paths that a derivation's file refers to, in order. */
export function referencesOf({ inputSrcs, inputDrvs }: Derivation): readonly StorePath[] {
  if (inputDrvs.size === 0) return inputSrcs;
  const merged = new Array<StorePath>(inputSrcs.length + inputDrvs.size);
  let length = 0;
  let next = 0;
  inputDrvs.forEach((_, path) => {
    while (next < inputSrcs.length && inputSrcs[next] < path) merged[length++] = inputSrcs[next++];
    // One that is a source, too, counts once.
    if (inputSrcs[next] === path) next++;
    merged[length++] = path;
  });
  while (next < inputSrcs.length) merged[length++] = inputSrcs[next++];
  merged.length = length;
  return merged;
}

/** Keeps what the steps share: the hashes of the inputs and the common text. */
class Calculation {
  readonly #drv: Derivation;
  readonly #lookup: ModuloLookup;
  readonly #storeDir: string | undefined;
  readonly #consume: boolean;
  #template: AtermTemplate | undefined;
  #templateVars = -1;
  #inputs: ModuloInputs | undefined;
  #masked: HashModulo | undefined;

  constructor(drv: Derivation, lookup: ModuloLookup, options: InstantiationOptions) {
    this.#drv = drv;
    this.#lookup = lookup;
    this.#storeDir = options.storeDir;
    this.#consume = options.consume ?? false;
  }

  /** Returns the template for this derivation with or without filled-in paths. */
  templateFor(drv: Derivation): AtermTemplate {
    // Filling in changes the number of variables or nothing but the values that the template leaves open.
    if (this.#template === undefined || this.#templateVars !== drv.env.size) {
      this.#template = new AtermTemplate(drv);
      this.#templateVars = drv.env.size;
    }
    return this.#template;
  }

  modulo(drv: Derivation, maskOutputs: boolean): HashModulo {
    const type = derivationType(drv);
    if (type === "fixed") {
      const [output] = drv.outputs.values();
      return { hex: fixedOutputModulo(output), deferred: false, outputs: drv.outputs };
    }
    const { inputs, deferred } = this.#inputs ??= moduloInputs(drv, this.#lookup);
    return {
      hex: this.templateFor(drv).hash(drv, { maskOutputs, inputs }),
      deferred: deferred || type === "floating" || type === "impure",
      outputs: drv.outputs,
    };
  }

  /** What the paths of outputs are made of. */
  #maskedModulo(): HashModulo {
    return this.#masked ??= this.modulo(this.#drv, true);
  }

  /** See {@link Instantiation.twinHash}. */
  twinHash(): string | null {
    const { outputs, env } = this.#drv;
    if (derivationType(this.#drv) !== "deferred") return null;
    const { hex, deferred } = this.#maskedModulo();
    // The text that is hashed has all of the derivation but its name, the paths of its inputs, and what is masked.
    if (deferred || !this.#inputs!.areDistinct) return null;
    let isOpen = true;
    outputs.forEach((_, name) => {
      if (env.get(name)) isOpen = false;
    });
    return isOpen ? hex : null;
  }

  withOutputPaths(mode: "fill in" | "check"): Derivation {
    const drv = this.#drv;
    const type = derivationType(drv);
    if (type === "floating" || type === "impure") return drv;
    const paths = new Map<string, StorePath>();
    let outputs = drv.outputs;
    if (type === "fixed") {
      drv.outputs.forEach((output, name) => output.kind === "fixed" && paths.set(name, output.path));
    } else {
      const { hex, deferred } = this.#maskedModulo();
      const filled = new Map<string, DerivationOutput>();
      drv.outputs.forEach((output, name) => {
        const path = deferred
          ? undefined
          : makeOutputPath(name, { modulo: hex, drvName: drv.name, storeDir: this.#storeDir });
        if (output.kind === "inputAddressed") {
          if (output.path !== path) throw new DerivationError(wrongOutput(output.path, path));
        } else if (path !== undefined && mode === "fill in") {
          filled.set(name, { kind: "inputAddressed", path });
          paths.set(name, path);
        }
      });
      // All outputs are of one kind: none is filled in, or each.
      if (filled.size > 0) outputs = filled;
    }
    const changes = mode === "fill in" && paths.size > 0;
    const env = changes ? withPathVariables(drv.env, paths, this.#consume) : drv.env;
    checkPathVariables(env, paths);
    if (!changes) return drv;
    const { name, inputDrvs, inputSrcs, system, builder, args } = drv;
    return { name, outputs, inputDrvs, inputSrcs, system, builder, args, env };
  }
}

function withPathVariables(
  env: ReadonlyMap<string, string>,
  paths: ReadonlyMap<string, StorePath>,
  consume: boolean,
): ReadonlyMap<string, string> {
  const filled = consume ? env as Map<string, string> : new Map(env);
  const { size } = filled;
  paths.forEach((path, name) => void (filled.get(name) || filled.set(name, path)));
  return filled.size === size ? filled : sortedMap(filled);
}

function checkPathVariables(env: ReadonlyMap<string, string>, paths: ReadonlyMap<string, StorePath>): void {
  paths.forEach((path, name) => {
    const value = env.get(name);
    if (value !== path) throw new DerivationError(wrongVariable(name, path, value));
  });
}

function wrongVariable(name: string, path: string, value: string | undefined): string {
  return value === undefined
    ? `derivation has missing environment variable '${name}', should be '${path}' but is not present`
    : `derivation has incorrect environment variable '${name}', should be '${path}' but is actually '${value}'`;
}

function wrongOutput(path: string, wanted: string | undefined): string {
  return `derivation has incorrect output '${path}', should be ${wanted === undefined ? "deferred" : `'${wanted}'`}`;
}

function fixedOutputModulo(output: DerivationOutput): string {
  if (output.kind !== "fixed") throw new TypeError(`Bug: fixedOutputModulo of a ${output.kind} output`);
  const { method, hash } = output.ca;
  const digest = encodeBase16(hash.digest);
  return hashHex("sha256", `fixed:out:${printMethodAlgo(method, hash.algo)}:${digest}:${output.path}`);
}

/** An input of a derivation with the hash that stands for it. */
interface HashedInput {
  readonly hex: string;
  readonly input: InputDrv;
}

/** The inputs of a derivation with hashes in place of paths. */
interface ModuloInputs {
  /** As an ATerm has them. */
  readonly inputs: string;
  readonly deferred: boolean;
  /** Whether each input has an entry of its own, so that what is used of it can be told from the hash and the path. */
  readonly areDistinct: boolean;
}

function moduloInputs(drv: Derivation, lookup: ModuloLookup): ModuloInputs {
  const inputs: HashedInput[] = [];
  let deferred = false;
  let areDistinct = true;
  drv.inputDrvs.forEach((input, path) => {
    const modulo = lookup(path);
    if (modulo.deferred) deferred = true;
    const { outputs, dynamicOutputs } = input;
    for (let i = 0; i < outputs.length; i++) {
      if (!modulo.outputs.has(outputs[i])) {
        throw new DerivationError(`no hash for output '${outputs[i]}' of derivation '${drv.name}'`);
      }
    }
    if (dynamicOutputs !== undefined) areDistinct = false;
    // As in C++ Nix, outputs of outputs don't count, nor does an input of which only these are used.
    if (outputs.length > 0) inputs.push({ hex: modulo.hex, input: dynamicOutputs === undefined ? input : { outputs } });
  });
  inputs.sort((a, b) => a.hex < b.hex ? -1 : a.hex > b.hex ? 1 : 0);
  const writer = new InputsWriter();
  for (let i = 0; i < inputs.length; i++) {
    const { hex } = inputs[i];
    let { input } = inputs[i];
    // Several derivations may have one hash (fixed outputs fetched in several ways): what is used of them counts together.
    for (; i + 1 < inputs.length && inputs[i + 1].hex === hex; i++) {
      areDistinct = false;
      input = { outputs: sortedSet([...input.outputs, ...inputs[i + 1].input.outputs]) };
    }
    writer.add(hex, input);
  }
  return { inputs: writer.text(), deferred, areDistinct };
}
