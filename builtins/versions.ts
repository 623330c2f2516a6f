/** Version strings and derivation names. The algorithms are in lib/text/version.ts. */
import { AttrsBuilder } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import type { Slot, Value } from "../lib/runtime/value.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { compareVersions, parseDrvName, splitVersion } from "../lib/text/version.ts";

/** `parseDrvName`, `compareVersions`, `splitVersion`. */
export const VERSION_BUILTINS: readonly Builtin[] = [
  {
    name: "parseDrvName",
    params: ["s"],
    doc:
      "Returns the package name and version in a derivation name, as `{ name = …; version = …; }`. The version starts after the first dash that no letter follows.",
    call: (s: Slot): Value => {
      const words = "while evaluating the first argument passed to builtins.parseDrvName";
      const parsed = parseDrvName(forceStringNoContext(s, words));
      const attrs = new AttrsBuilder();
      attrs.add(intern("name"), parsed.name);
      attrs.add(intern("version"), parsed.version);
      return attrs.build();
    },
  },
  {
    name: "compareVersions",
    params: ["s1", "s2"],
    doc: "Returns -1, 0 or 1 as version *s1* is older than, the same as or newer than *s2*.",
    call: (s1: Slot, s2: Slot): Value => {
      const a = forceStringNoContext(s1, "while evaluating the first argument passed to builtins.compareVersions");
      const b = forceStringNoContext(s2, "while evaluating the second argument passed to builtins.compareVersions");
      return compareVersions(a, b);
    },
  },
  {
    name: "splitVersion",
    params: ["s"],
    doc: 'Returns the components of a version: `"1.2pre3"` has `[ "1" "2" "pre" "3" ]`.',
    call: (s: Slot): Value => {
      const words = "while evaluating the first argument passed to builtins.splitVersion";
      return splitVersion(forceStringNoContext(s, words));
    },
  },
];
