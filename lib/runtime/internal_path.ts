/**
 * Names of files that exist only inside the evaluator, such as `<nix/fetchurl.nix>`.
 *
 * As a path value such a file has a path in a little file system of its own ("/fetchurl.nix") and a display form
 * ("<nix/fetchurl.nix>"). The latter is what EvalIO is asked about: it doesn't begin with "/", so it can't be mistaken.
 */
import { PathValue } from "./value.ts";

const PREFIX = "<nix";

/** Returns the path by which EvalIO knows what a path value stands for. */
export function ioPath(path: PathValue): string {
  return path.display ?? path.path;
}

/** Returns the path value for a path that EvalIO knows. */
export function pathValue(path: string): PathValue {
  return path[0] === "/" ? new PathValue(path) : new PathValue(internalPath(path), path);
}

/** Returns the path inside the evaluator's own file system of what EvalIO knows as `<nix/…>`. */
export function internalPath(path: string): string {
  return path.slice(PREFIX.length, -1);
}
