import { ParseError } from "./errors.ts";
import type { Source } from "./positions.ts";

export function syntaxError(
  source: Source,
  _bytes: Uint8Array,
  _options: { readonly pipeOperators: boolean },
): ParseError {
  return new ParseError("syntax error", source.base);
}
