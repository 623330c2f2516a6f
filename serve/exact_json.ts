/** JSON whose integers keep all their digits: those of the Nix language have 64 bits, JavaScript's numbers 53. */

/** Whether there may be a number that JavaScript would round. */
const LONG_NUMBER = /[0-9]{16}/;

// Not in TypeScript's libraries yet.
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { parse, rawJSON } = JSON as unknown as {
  readonly parse: (text: string, reviver: Reviver) => unknown;
  readonly rawJSON: (text: string) => unknown;
};

/** Returns what a text says, with integers that JavaScript would round as bigints. @throws {SyntaxError} */
export function parseExactly(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return parse(
    text,
    (_key, value, { source }) =>
      source !== undefined && /^-?[0-9]+$/.test(source) && !Number.isSafeInteger(value) ? BigInt(source) : value,
  );
}

/** Returns the text of a value; bigints are integers. */
export function stringifyExactly(value: unknown): string {
  return JSON.stringify(value, (_key, item) => typeof item === "bigint" ? rawJSON(String(item)) : item);
}
