/**
 * Selection paths as `-A` takes them: names and list indices between dots, `a.b."c.d".0`.
 *
 * Nothing but a double quote is special, quotes may begin anywhere, and a number is always an index. Each value on the
 * way that is a function is called first (auto_call.ts).
 */
import { intern, symbolName } from "../syntax/symbols.ts";
import { bestMatches } from "../text/suggestions.ts";
import { Attrs, flat, getAttr } from "./attrs.ts";
import { autoCall } from "./auto_call.ts";
import { evalError, hint, NixError, typeError } from "./errors.ts";
import { showType } from "./print.ts";
import { forcePart } from "./thunk.ts";
import type { Slot } from "./value.ts";

/** Returns the parts of a selection path. @throws {NixError} of kind `parse` if a quote isn't closed */
export function parseAttrPath(path: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let i = 0; i < path.length; i++) {
    if (path[i] === ".") {
      parts.push(part);
      part = "";
    } else if (path[i] === '"') {
      const end = path.indexOf('"', i + 1);
      if (end < 0) throw new NixError("parse", hint`missing closing quote in selection path '${path}'`);
      part += path.slice(i + 1, end);
      i = end;
    } else {
      part += path[i];
    }
  }
  if (part !== "") parts.push(part);
  return parts;
}

/**
 * Returns what lies at a selection path below `root`, unforced; for an empty path `root` itself. `called` returns the value
 * of `root`, called if it is a function, where that is done once for several paths.
 */
export function selectAttrPath(root: Slot, path: string, args: Attrs, called = () => autoCall(root, args)): Slot {
  let slot = root;
  let value = called;
  for (const part of parseAttrPath(path)) {
    const v = forcePart("attribute path", value);
    if (isIndex(part)) {
      if (!Array.isArray(v)) throw wrongType(path, "list", showType(v));
      const index = Number(part);
      if (index >= v.length) throw evalError(hint`list index ${index} in selection path '${path}' is out of range`);
      slot = v[index];
    } else {
      if (!(v instanceof Attrs)) throw wrongType(path, "set", showType(v));
      if (part === "") throw evalError(hint`empty attribute name in selection path '${path}'`);
      const found = getAttr(v, intern(part));
      if (found === undefined) throw notFound(v, part, path);
      slot = found;
    }
    const next = slot;
    value = () => autoCall(next, args);
  }
  return slot;
}

function isIndex(part: string): boolean {
  return /^\+?[0-9]+$/.test(part) && Number(part) < 2 ** 32;
}

function wrongType(path: string, wanted: string, found: string): NixError {
  return typeError(
    `the expression selected by the selection path ${hint`'${path}'`} should be a ${wanted} but is ${hint`${found}`}`,
  );
}

function notFound(attrs: Attrs, name: string, path: string): NixError {
  const error = evalError(hint`attribute '${name}' in selection path '${path}' not found`);
  error.suggestions = bestMatches(flat(attrs).shape.names.map(symbolName), name);
  return error;
}
