/**
 * The setting `external-builders`: JSON that says which programs build for which systems. devix builds nothing; only what
 * C++ Nix 2.34 says of a value that is none is said here too.
 */
import { ContextBuilder, fromJs, jsFromJson, JsonParseError, JsonValueError, type JsValue, toJson } from "../mod.ts";
import { type Setting, text } from "./setting_kinds.ts";
import { UsageError } from "./usage_error.ts";

/** The setting. Its value is the text. */
export function externalBuilders(): Setting<string> {
  const parse = (value: string, name: string) => {
    const problem = problemOf(value);
    if (problem !== undefined) throw new UsageError(`parsing setting '${name}': ${problem}`);
    return value;
  };
  return { ...text("[]"), parse };
}

/** Returns what is wrong with a value, if anything. */
function problemOf(value: string): string | undefined {
  try {
    const builders = jsFromJson(value);
    if (!Array.isArray(builders)) return wrongType("array", builders);
    return firstProblem(builders, problemOfBuilder);
  } catch (e) {
    if (e instanceof JsonParseError) return e.message;
    // A NUL is fine here.
    if (e instanceof JsonValueError) return undefined;
    throw e;
  }
}

function problemOfBuilder(builder: JsValue): string | undefined {
  if (typeName(builder) !== "object") {
    return `error: Expected JSON value to be of type 'object' but it is of type '${typeName(builder)}': ${
      json(builder)
    }`;
  }
  const fields = builder as Readonly<Record<string, JsValue>>;
  return firstProblem(["systems", "program", "args"], (name) => {
    const field = fields[name];
    if (field === undefined) {
      return `error: Expected JSON object to contain key '${name}' but it doesn't: ${json(builder)}`;
    }
    if (name === "program") return problemOfString(field);
    return Array.isArray(field) ? firstProblem(field, problemOfString) : wrongType("array", field);
  });
}

function problemOfString(value: JsValue): string | undefined {
  return typeof value === "string" ? undefined : wrongType("string", value);
}

function wrongType(wanted: string, value: JsValue): string {
  return `[json.exception.type_error.302] type must be ${wanted}, but is ${typeName(value)}`;
}

function firstProblem<T>(items: readonly T[], problem: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = problem(item);
    if (found !== undefined) return found;
  }
}

/** As nlohmann::json calls types. */
function typeName(value: JsValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "bigint" ? "number" : typeof value;
}

function json(value: JsValue): string {
  return toJson(fromJs(value), new ContextBuilder(), { strict: true, copy: null });
}
