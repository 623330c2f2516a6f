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
import { JsonWriteError, quoteJson } from "../text/json.ts";
import { attrPos, Attrs, flat, getAttr } from "./attrs.ts";
import { type CopyToStore, tryToString, WEAK } from "./coerce.ts";
import type { ContextBuilder } from "./context.ts";
import { enterCall, leaveCall } from "./depth.ts";
import { hint, NixError, typeError, withFrame } from "./errors.ts";
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
}

/**
 * Returns the value in `slot` as JSON on one line, and adds what its strings refer to to `context`.
 * @throws {NixError} for functions, and for strings that aren't UTF-8.
 */
export function toJson(slot: Slot, context: ContextBuilder, options: JsonOptions): string {
  const writer = new JsonWriter(context, options);
  writer.write(slot, options.pos ?? NO_POS);
  return writer.finish();
}

class JsonWriter {
  readonly #context: ContextBuilder;
  readonly #strict: boolean;
  readonly #copy: CopyToStore | null;
  /** Joined at once: a text built by many additions is a rope of as many parts. */
  readonly #out: string[] = [];
  #encodingError: JsonWriteError | null = null;

  constructor(context: ContextBuilder, { strict, copy }: JsonOptions) {
    this.#context = context;
    this.#strict = strict;
    this.#copy = copy;
  }

  finish(): string {
    if (this.#encodingError === null) return this.#out.length === 1 ? this.#out[0] : this.#out.join("");
    throw new NixError("eval", hint`JSON serialization error: ${this.#encodingError.message}`);
  }

  write(slot: Slot, pos: Pos): void {
    enterCall(pos);
    const v = this.#strict ? force(slot, pos) : isUnevaluated(slot) ? slot : force(slot);
    if (isUnevaluated(v)) throw typeError(hint`cannot convert ${showType(v)} to JSON`, valuePos(v, pos));
    this.#writeValue(v, pos);
    leaveCall();
  }

  #writeValue(v: Value, pos: Pos): void {
    if (typeof v === "string") this.#writeString(v);
    else if (v === null || typeof v !== "object") this.#out.push(String(v));
    else if (v instanceof ContextString) {
      this.#context.add(v.context);
      this.#writeString(v.text);
    } else if (v instanceof Attrs) this.#writeAttrs(v, pos);
    else if (Array.isArray(v)) this.#writeList(v, pos);
    else if (v instanceof Float) this.#out.push(formatFloatJson(v.value));
    else if (v instanceof PathValue) this.#writePath(v);
    else if (isFunction(v)) throw typeError(hint`cannot convert ${showType(v)} to JSON`, valuePos(v, pos));
  }

  #writeString(text: string): void {
    try {
      this.#out.push(quoteJson(text));
    } catch (e) {
      if (!(e instanceof JsonWriteError)) throw e;
      this.#encodingError ??= e;
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
    const { shape, values } = flat(attrs);
    let separator = "{";
    for (const i of shape.byName) {
      const name = shape.names[i];
      this.#out.push(separator);
      separator = ",";
      this.#writeString(symbolName(name));
      this.#out.push(":");
      const slot = values[i];
      try {
        // Only what is to be evaluated can need the position.
        this.write(slot, slot !== null && typeof slot === "object" ? attrPos(attrs, name) : NO_POS);
      } catch (e) {
        throw withFrame(e, attrPos(attrs, name), hint`while evaluating attribute '${quoteAttrName(symbolName(name))}'`);
      }
    }
    this.#out.push(values.length === 0 ? "{}" : "}");
  }

  #writeList(list: readonly Slot[], pos: Pos): void {
    this.#out.push("[");
    for (let i = 0; i < list.length; i++) {
      if (i > 0) this.#out.push(",");
      try {
        this.write(list[i], pos);
      } catch (e) {
        throw withFrame(e, pos, hint`while evaluating list element at index ${i}`);
      }
    }
    this.#out.push("]");
  }
}
