/** Errors of the layers below the language, as errors of the program. */
import { type ErrorKind, hint, NixError } from "./errors.ts";

/** Returns what `error` means to the program: the same text, with what it quotes highlighted. */
export function foreignError(kind: ErrorKind, error: Error): NixError {
  const message = error.message.replace(/'([^']*)'/g, (_, quoted) => hint`'${quoted}'`);
  return new NixError(kind, message, undefined, { cause: error });
}
