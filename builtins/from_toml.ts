/** `fromTOML`. The parser is in lib/text/toml.ts. */
import { Attrs, AttrsBuilder } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import type { EvalSettings } from "../lib/runtime/settings.ts";
import { Float, NegativeNan, type Slot, type Value } from "../lib/runtime/value.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { parseToml, TomlParseError, type TomlTable, type TomlValue } from "../lib/text/toml.ts";
import { unorderedMapOrder } from "../lib/text/unordered_map.ts";

/** What `fromTOML` needs. */
export interface FromTomlDeps {
  readonly settings: Pick<EvalSettings, "features">;
}

/** Returns `fromTOML`. Dates and times need the experimental feature `parse-toml-timestamps`. */
export function fromTomlBuiltin({ settings }: FromTomlDeps): Builtin {
  const timestamps = settings.features.has("parse-toml-timestamps");

  const valueOf = (toml: TomlValue): Value => {
    switch (toml.kind) {
      case "string":
      case "integer":
      case "boolean":
        return toml.value;
      case "float":
        return toml.isNegative && Number.isNaN(toml.value) ? new NegativeNan() : new Float(toml.value);
      case "timestamp":
        return timestampOf(toml.value);
      case "array":
        return toml.items.map(valueOf);
      case "table":
        return tableOf(toml);
    }
  };

  // Tables of one kind follow one another; the last is remembered by its names, which hold no NUL.
  let lastKeys = "";
  let lastOrder: readonly string[] = [];
  const orderOf = (entries: TomlTable["entries"]): readonly string[] => {
    const names = [...entries.keys()];
    if (names.length < 2) return names;
    const keys = names.join("\0");
    if (keys !== lastKeys) {
      lastKeys = keys;
      lastOrder = unorderedMapOrder(names);
    }
    return lastOrder;
  };

  // In C++ Nix's order: it is that of new symbols, and shows.
  const tableOf = ({ entries }: TomlTable): Attrs => {
    const attrs = new AttrsBuilder();
    for (const name of orderOf(entries)) {
      const symbol = intern(name);
      attrs.add(symbol, valueOf(entries.get(name)!));
    }
    return attrs.build();
  };

  const timestampOf = (text: string): Attrs => {
    if (!timestamps) throw failure("Dates and times are not supported");
    const attrs = new AttrsBuilder();
    attrs.add(intern("_type"), "timestamp");
    attrs.add(intern("value"), text);
    return attrs.build();
  };

  const fromTOML = (e: Slot): Value => {
    const text = forceStringNoContext(e, "while evaluating the argument passed to builtins.fromTOML");
    try {
      return tableOf(parseToml(text));
    } catch (error) {
      throw error instanceof TomlParseError ? failure(error.message) : error;
    }
  };

  return {
    name: "fromTOML",
    bare: true,
    params: ["e"],
    doc: "Returns the value that a TOML text stands for. Dates and times are refused.",
    call: fromTOML,
  };
}

function failure(reason: string) {
  return evalError(hint`while parsing TOML: ${reason}`);
}
