/**
 * What parameters a method takes, so that a request with others is told so instead of doing something else. The supervisor
 * loads this: keep it free of imports.
 */
import type { CancelParams, Method, Methods, RequestId } from "./protocol.ts";

/** A kind of JSON value: what it is called, and what is one. */
interface Kind {
  readonly name: string;
  readonly is: (value: unknown) => boolean;
}

const isString = (value: unknown) => typeof value === "string";
const isSet = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isPrimop = (value: unknown) =>
  isSet(value) && isString(value.name) && Number.isInteger(value.arity) && Number(value.arity) >= 1;

const TEXT: Kind = { name: "a string", is: isString };
const PATH: Kind = { name: "an absolute path", is: (value) => isString(value) && (value as string)[0] === "/" };
const TEXTS: Kind = { name: "a list of strings", is: (value) => Array.isArray(value) && value.every(isString) };
const TEXT_SET: Kind = {
  name: "an object of strings",
  is: (value) => isSet(value) && Object.values(value).every(isString),
};
const CHANGES: Kind = {
  name: "an object of strings and nulls",
  is: (value) => isSet(value) && Object.values(value).every((item) => item === null || isString(item)),
};
const isVariable = (name: string) => name !== "" && !name.includes("=");
const namesVariables = (kind: Kind): Kind => ({
  name: `${kind.name} by names of variables, which have no "="`,
  is: (value) => kind.is(value) && Object.keys(value as object).every(isVariable),
});
const ENV = namesVariables(TEXT_SET);
const ENV_CHANGES = namesVariables(CHANGES);
const NUMBER: Kind = { name: "a number", is: (value) => typeof value === "number" };
const FLAG: Kind = { name: "true or false", is: (value) => typeof value === "boolean" };
const ID: Kind = { name: "a string or a number below 2^53", is: isRequestId };
const PATHS: Kind = {
  name: "a list of absolute paths",
  is: (value) => TEXTS.is(value) && (value as string[]).every((path) => path[0] === "/"),
};
const PRIMOPS: Kind = {
  name: 'a list of objects with a "name" and an "arity", which is at least 1',
  is: (value) => Array.isArray(value) && value.every(isPrimop),
};

const HANDLE = { handle: TEXT };

const PARAMETERS: { readonly [M in Method]: { readonly [P in keyof Required<Methods[M]>]: Kind } } = {
  open: {
    ...HANDLE,
    file: TEXT,
    expr: TEXT,
    argsFile: TEXT,
    argsExpr: TEXT,
    arg: TEXT_SET,
    argstr: TEXT_SET,
    cwd: PATH,
    system: TEXT,
    pure: FLAG,
    env: ENV,
    include: TEXTS,
    options: TEXT_SET,
    offline: FLAG,
    volatile: PATHS,
    primops: PRIMOPS,
  },
  eval: { ...HANDLE, attrs: TEXTS },
  instantiate: { ...HANDLE, attrs: TEXTS, keepGoing: FLAG },
  inputs: HANDLE,
  invalidate: { ...HANDLE, paths: PATHS, env: ENV_CHANGES, primops: TEXTS },
  close: HANDLE,
  cancel: { id: ID },
  version: {},
  shutdown: {},
  run: {
    args: TEXTS,
    cwd: PATH,
    env: TEXT_SET,
    umask: NUMBER,
    terminal: TEXT,
    colours: FLAG,
    bars: FLAG,
    columns: NUMBER,
    ahead: FLAG,
  },
};

/** Those that can't be left out. */
const REQUIRED: { readonly [M in Method]?: readonly (keyof Methods[M])[] } = { cancel: ["id"] };

/** Whether a value can be an id: other numbers than these would be answered under another. */
export function isRequestId(value: unknown): value is RequestId {
  return isString(value) || Number.isSafeInteger(value) || Number.isFinite(value) && !Number.isInteger(value);
}

/** Those that are texts of programs, where the parser says what is wrong with a NUL. The others are no place for any. */
const PROGRAMS: ReadonlySet<string> = new Set(["expr", "argsExpr", "arg"]);

function hasNul(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0");
  if (Array.isArray(value)) return value.some(hasNul);
  return isSet(value) && Object.entries(value).some((entry) => entry.some(hasNul));
}

/** Returns what is wrong with the parameters of a method; undefined if nothing is. */
export function wrongParameter(method: Method, params: Readonly<Record<string, unknown>>): string | undefined {
  const kinds: Readonly<Record<string, Kind>> = PARAMETERS[method];
  for (const [name, value] of Object.entries(params)) {
    if (!Object.hasOwn(kinds, name)) return `there is no parameter "${name}"`;
    if (!kinds[name].is(value)) return `"${name}" is to be ${kinds[name].name}`;
    if (!PROGRAMS.has(name) && hasNul(value)) return `"${name}" has a NUL in it`;
  }
  const missing = REQUIRED[method]?.find((name) => !Object.hasOwn(params, name));
  return missing && `"${missing}" is missing`;
}

/** Returns the wish to cancel that a message is; undefined if it is something else, or makes no sense. */
export function asCancel(
  message: unknown,
): { readonly id: RequestId; readonly params: CancelParams } | undefined {
  if (!isSet(message) || "return" in message) return undefined;
  const { id, method, params = {} } = message;
  if (!isRequestId(id) || method !== "cancel" || !isSet(params) || wrongParameter(method, params) !== undefined) {
    return undefined;
  }
  return { id, params: params as unknown as CancelParams };
}
