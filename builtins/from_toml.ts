/** `fromTOML`. The parser is in lib/text/toml.ts. */
import { Attrs, AttrsBuilder } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import type { EvalSettings } from "../lib/runtime/settings.ts";
import { Float, type Slot, type Value } from "../lib/runtime/value.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { parseToml, TomlParseError, type TomlTable, type TomlValue } from "../lib/text/toml.ts";

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
        return new Float(toml.value);
      case "timestamp":
        return timestampOf(toml.value);
      case "array":
        return toml.items.map(valueOf);
      case "table":
        return tableOf(toml);
    }
  };

  const tableOf = ({ entries }: TomlTable): Attrs => {
    const attrs = new AttrsBuilder();
    for (const [name, value] of entries) attrs.add(intern(name), valueOf(value));
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
