/**
 * A flake evaluated where it lies, not as a copy in the store, and under other file names: the project of devenv 1.x, whose
 * `.devenv.flake.nix` and devenv.lock are written beside what people edit.
 *
 * Paths in it are those of the host, so that whoever watches inputs sees the files that may change. Its set has no hash and no
 * time, for these are of a copy.
 */
import { maybeInt } from "../lib/fetch/attrs.ts";
import { printFlakeRef } from "../lib/fetch/flake_ref.ts";
import { inputFromAttrs, type InputOptions } from "../lib/fetch/input.ts";
import { EMPTY_LOCK_FILE, type LockFile, type LockNode, parseLockFile } from "../lib/fetch/lock_file.ts";
import { bytesToBinary } from "../lib/format/bytes.ts";
import { Attrs, AttrsBuilder, getAttr } from "../lib/runtime/attrs.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import type { Value } from "../lib/runtime/value.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { asNixErrors, inputOptionsOf } from "./_fetching.ts";
import { evaluateFlake, type FlakeDeps, FlakeGraph } from "./_flake_graph.ts";
import { checkLocked, readFlake } from "./_flake_inputs.ts";

const OUT_PATH = intern("outPath");
const DESCRIPTION = intern("description");

/** Where a flake is. Binary strings. */
export interface FlakePlace {
  /** Absolute and canonical. */
  readonly dir: string;
  /** Names of files in it. */
  readonly flakeFile: string;
  readonly lockFile: string;
}

/** An input, as a lock file has it. */
export type LocalFlakeInput =
  | { readonly name: string; readonly follows: readonly string[] }
  | {
    readonly name: string;
    /** As a flake reference. */
    readonly ref: string;
    /** Seconds since 1970; NaN if the lock doesn't say. */
    readonly lastModified: number;
    /** Tells inputs that are the same one. */
    readonly key: string;
    readonly inputs: () => readonly LocalFlakeInput[];
  };

/** A flake on the host. */
export interface LocalFlake {
  readonly description: string | undefined;
  readonly inputs: readonly LocalFlakeInput[];
  /** Text of the lock file; null where there is none. */
  readonly lock: string | null;
  /** Evaluates its outputs, with what is known of its tree. @throws {NixError} of kind `unsupported` if it isn't locked */
  readonly outputs: () => Value;
}

/** Reads a flake and its lock file. @throws {NixError} */
export function openLocalFlake(deps: FlakeDeps, place: FlakePlace): LocalFlake {
  const { dir } = place;
  const options = inputOptionsOf(deps);
  const shown = `path:${dir}`;
  const flake = evaluateFlake(deps, `${dir}/${place.flakeFile}`);
  const declaration = readFlake(flake, { ...options, shown, evaluator: deps.evaluator, positions: deps.positions });
  const lockPath = `${dir}/${place.lockFile}`;
  const lock = deps.io.pathExists(lockPath) ? bytesToBinary(deps.io.readFile(lockPath)) : null;
  const lockFile = lock === null
    ? EMPTY_LOCK_FILE
    : asNixErrors(() => parseLockFile(lock, { ...options, path: lockPath }));
  const description = getAttr(flake, DESCRIPTION);
  return {
    description: description === undefined
      ? undefined
      : forceStringNoContext(description, "while reading the description of a flake"),
    inputs: inputsOf(lockFile.root, lockFile, options),
    lock,
    outputs: () => {
      checkLocked(declaration, lockFile, { shown, pureEval: false });
      return new FlakeGraph(deps, { lockFile, sourceInfo: sourceInfoOf(dir), dir: "", declaration }).root();
    },
  };
}

function sourceInfoOf(dir: string): Attrs {
  const builder = new AttrsBuilder();
  builder.add(OUT_PATH, dir);
  return builder.build();
}

function inputsOf(node: LockNode, lockFile: LockFile, options: InputOptions): LocalFlakeInput[] {
  const byName = [...node.inputs].sort(([a], [b]) => a < b ? -1 : 1);
  return byName.map(([name, edge]) => {
    if ("follows" in edge) return { name, follows: edge.follows };
    const target = lockFile.nodes.get(edge.key)!;
    const input = asNixErrors(() => inputFromAttrs(target.locked!, options));
    return {
      name,
      key: edge.key,
      ref: printFlakeRef({ input, dir: target.dir }),
      lastModified: Number(maybeInt(target.locked!, "lastModified") ?? NaN),
      inputs: () => inputsOf(target, lockFile, options),
    };
  });
}
