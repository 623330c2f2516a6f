/**
 * Values as JSON, as `builtins.toJSON`, `--json` and structured attributes write them.
 *
 * A path is copied to the store and becomes its store path, a set with `__toString` or `outPath` what that gives. Object
 * members are sorted by name. C++ Nix builds a tree first and prints it afterwards, so a string that isn't UTF-8 is an
 * error only once everything has been evaluated.
 */
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { intern, symbolName } from "../syntax/symbols.ts";
import { formatFloatJson } from "../text/float.ts";
import { JsonText, JsonWriteError, quoteJson, writtenOfBadString } from "../text/json_text.ts";
import { attrPos, Attrs, flat, getAttr } from "./attrs.ts";
import { appliedFunction } from "./call.ts";
import { type CopyToStore, tryToString, WEAK } from "./coerce.ts";
import type { ContextBuilder } from "./context.ts";
import { enterCall, isFarFromLimit, leaveCall } from "./depth.ts";
import { hint, LibraryError, NixError, typeError, withFrame } from "./errors.ts";
import { quoteAttrName, showType } from "./print.ts";
import { force, isUnevaluated } from "./thunk.ts";
import { ContextString, Float, isFunction, PathValue, type Slot, type Value } from "./value.ts";
import { valuePos } from "./value_pos.ts";

const OUT_PATH = intern("outPath");

/** How {@link toJson} writes. */
export interface JsonOptions {
  /** Evaluates what isn't evaluated yet; otherwise that is an error. */
  readonly strict: boolean;
  /** Copies paths to the store; null to write the paths themselves. */
  readonly copy: CopyToStore | null;
  /** Where errors of the outermost value point. */
  readonly pos?: Pos;
  /**
   * Told of a string that isn't UTF-8, once everything has been evaluated and instead of an error; the text that is returned
   * is of no use then.
   */
  readonly onBadString?: (bad: BadString) => void;
}

/** The first string of a value that isn't UTF-8. */
export interface BadString {
  /** nlohmann's message. */
  readonly reason: string;
  /** What nlohmann writes before it finds out. */
  readonly written: string;
}

/**
 * Returns the value in `slot` as JSON on one line, and adds what its strings refer to to `context`.
 * @throws {NixError} for functions, and for strings that aren't UTF-8.
 */
export function toJson(slot: Slot, context: ContextBuilder, options: JsonOptions): string {
  const pos = options.pos ?? NO_POS;
  try {
    if (options.strict) {
      enterCall(pos);
      const v = force(slot, pos);
      leaveCall();
      // Most of what is asked for is a string or next to nothing.
      if (typeof v === "string") return quoted(v, options);
      if (v === null || typeof v !== "object") return String(v);
      if (Array.isArray(v) && v.length === 0) return "[]";
    }
    const writer = new JsonWriter(context, options);
    writer.write(slot, pos);
    return writer.finish();
  } catch (e) {
    // Nix makes an error of its own of whatever nlohmann throws meanwhile, be it for a derivation that is evaluated here.
    throw e instanceof LibraryError ? serializationError(e.message) : e;
  }
}

function quoted(text: string, { onBadString = throwBadString }: JsonOptions): string {
  try {
    return quoteJson(text);
  } catch (e) {
    if (!(e instanceof JsonWriteError)) throw e;
    onBadString({ reason: e.message, written: writtenOfBadString(text) });
    return "";
  }
}

/** The error that {@link toJson} throws unless told otherwise. @throws {NixError} */
export function throwBadString({ reason }: BadString): never {
  throw serializationError(reason);
}

function serializationError(reason: string): NixError {
  return new NixError("eval", hint`JSON serialization error: ${reason}`);
}

const LEFT_BRACKET = 0x5b;
const RIGHT_BRACKET = 0x5d;
const LEFT_BRACE = 0x7b;
const RIGHT_BRACE = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;

class JsonWriter {
  readonly #context: ContextBuilder;
  readonly #strict: boolean;
  readonly #copy: CopyToStore | null;
  readonly #out = new JsonText();
  readonly #onBadString: (bad: BadString) => void;
  #bad: BadString | null = null;

  constructor(context: ContextBuilder, { strict, copy, onBadString = throwBadString }: JsonOptions) {
    this.#context = context;
    this.#onBadString = onBadString;
    this.#strict = strict;
    this.#copy = copy;
  }

  finish(): string {
    const text = this.#out.finish();
    if (this.#bad !== null) this.#onBadString(this.#bad);
    return text;
  }

  write(slot: Slot, pos: Pos): void {
    enterCall(pos);
    const v = this.#strict ? force(slot, pos) : isUnevaluated(slot) ? slot : force(slot);
    if (isUnevaluated(v)) {
      const type = appliedFunction(v.code!) === undefined ? showType(v) : "a function application";
      throw typeError(hint`cannot convert ${type} to JSON`, valuePos(v, pos));
    }
    this.#writeValue(v, pos);
    leaveCall();
  }

  #writeValue(v: Value, pos: Pos): void {
    if (typeof v === "string") this.#writeString(v);
    else if (typeof v === "number" || typeof v === "bigint") this.#out.integer(v);
    else if (v === null || typeof v === "boolean") this.#out.json(String(v));
    else if (v instanceof ContextString) {
      this.#context.add(v.context);
      this.#writeString(v.text);
    } else if (v instanceof Attrs) this.#writeAttrs(v, pos);
    else if (Array.isArray(v)) this.#writeList(v, pos);
    else if (v instanceof Float) this.#out.json(formatFloatJson(v.value));
    else if (v instanceof PathValue) this.#writePath(v);
    else if (isFunction(v)) throw typeError(hint`cannot convert ${showType(v)} to JSON`, valuePos(v, pos));
  }

  #writeString(text: string): void {
    try {
      this.#out.string(text);
    } catch (e) {
      if (!(e instanceof JsonWriteError)) throw e;
      this.#bad ??= { reason: e.message, written: this.#out.soFar() + writtenOfBadString(text) };
    }
  }

  #writePath(path: PathValue): void {
    if (this.#copy === null) return this.#writeString(path.path);
    const storePath = this.#copy(path);
    this.#context.addElement(storePath);
    this.#writeString(storePath);
  }

  #writeAttrs(attrs: Attrs, pos: Pos): void {
    const text = tryToString(attrs, this.#context, WEAK, pos);
    if (text !== undefined) return this.#writeString(text);
    const outPath = getAttr(attrs, OUT_PATH);
    if (outPath !== undefined) return this.write(outPath, attrPos(attrs, OUT_PATH));
    const { shape, values, positions } = flat(attrs);
    const { names, byName } = shape;
    this.#out.char(LEFT_BRACE);
    for (let i = 0; i < byName.length; i++) {
      const name = names[byName[i]];
      if (i > 0) this.#out.char(COMMA);
      this.#writeString(symbolName(name));
      this.#out.char(COLON);
      const slot = values[byName[i]];
      try {
        // Only what is to be evaluated, or is too deep, can need the position.
        const needed = slot !== null && typeof slot === "object" || !isFarFromLimit();
        this.write(slot, needed && positions !== null ? attrPos(attrs, name) : NO_POS);
      } catch (e) {
        throw withFrame(e, attrPos(attrs, name), hint`while evaluating attribute '${quoteAttrName(symbolName(name))}'`);
      }
    }
    this.#out.char(RIGHT_BRACE);
  }

  #writeList(list: readonly Slot[], pos: Pos): void {
    this.#out.char(LEFT_BRACKET);
    for (let i = 0; i < list.length; i++) {
      if (i > 0) this.#out.char(COMMA);
      try {
        this.write(list[i], pos);
      } catch (e) {
        throw withFrame(e, pos, hint`while evaluating list element at index ${i}`);
      }
    }
    this.#out.char(RIGHT_BRACKET);
  }
}
