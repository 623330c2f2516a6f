/**
 * `match` and `split`. The regular expressions are in lib/text/posix_regex.ts.
 *
 * What groups capture has no context, and neither have the pieces of a split; but where nothing matches, the one piece is
 * the string itself.
 */
import type { Builtin } from "../lib/runtime/builtin.ts";
import { forceString, forceStringNoContext } from "../lib/runtime/expect.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";
import { type Slot, stringText, type Value } from "../lib/runtime/value.ts";
import { compileRegex, type PosixRegex, RegexError, type RegexGroup } from "../lib/text/posix_regex.ts";

function surfacing<T>(action: () => T): T {
  try {
    return action();
  } catch (e) {
    throw e instanceof RegexError ? foreignError("eval", e) : e;
  }
}

function groupList(groups: readonly RegexGroup[]): Slot[] {
  const list = new Array<Slot>(groups.length);
  for (let i = 0; i < list.length; i++) list[i] = groups[i] ?? null;
  return list;
}

/** Returns `match` and `split`, which share the patterns they have compiled. */
export function regexBuiltins(): readonly Builtin[] {
  const compiled = new Map<string, PosixRegex>();

  const regexOf = (pattern: string): PosixRegex => {
    let regex = compiled.get(pattern);
    if (regex === undefined) compiled.set(pattern, regex = surfacing(() => compileRegex(pattern)));
    return regex;
  };

  const match = (pattern: Slot, str: Slot): Value => {
    const regex = regexOf(forceStringNoContext(
      pattern,
      "while evaluating the first argument passed to builtins.match",
    ));
    const text = stringText(forceString(str, "while evaluating the second argument passed to builtins.match"));
    const groups = surfacing(() => regex.matchWhole(text));
    return groups === undefined ? null : groupList(groups);
  };

  const split = (pattern: Slot, str: Slot): Value => {
    const regex = regexOf(forceStringNoContext(
      pattern,
      "while evaluating the first argument passed to builtins.split",
    ));
    const v = forceString(str, "while evaluating the second argument passed to builtins.split");
    const text = stringText(v);
    const matches = surfacing(() => regex.findAll(text));
    if (matches.length === 0) return [v];
    const list: Slot[] = [];
    let rest = 0;
    for (const { start, end, groups } of matches) {
      list.push(text.slice(rest, start), groupList(groups));
      rest = end;
    }
    list.push(text.slice(rest));
    return list;
  };

  return [
    {
      name: "match",
      params: ["regex", "str"],
      doc:
        "Returns the groups of the POSIX extended regular expression *regex* as a list if it matches all of *str*, `null` if not. A group that took no part is `null`.",
      call: match,
    },
    {
      name: "split",
      params: ["regex", "str"],
      doc:
        "Returns the pieces of *str* between the matches of the POSIX extended regular expression *regex*, and between them, for each match, the list of its groups.",
      call: split,
    },
  ];
}
