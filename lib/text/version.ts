// Version strings and derivation names (C++ Nix 2.34 libstore/names.cc) on binary strings.
//
// A version is a row of components, split at '.' and '-' and wherever digits meet other bytes. Traps: a component is a
// number only if it fits a C int, longer ones compare as text; a name ends at the first dash *not* followed by an
// ASCII letter, which a trailing dash is not.

const MAX_INT = 2147483647;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isSeparator(code: number): boolean {
  return code === 46 || code === 45;
}

function skipSeparators(version: string, at: number): number {
  while (at < version.length && isSeparator(version.charCodeAt(at))) at++;
  return at;
}

function componentEnd(version: string, start: number): number {
  let at = start;
  if (at < version.length && isDigit(version.charCodeAt(at))) {
    while (at < version.length && isDigit(version.charCodeAt(at))) at++;
    return at;
  }
  while (at < version.length) {
    const code = version.charCodeAt(at);
    if (isDigit(code) || isSeparator(code)) break;
    at++;
  }
  return at;
}

/** The component as a C int, or -1. Components carry no sign, so -1 is free. */
function numberOf(component: string): number {
  if (component === "" || !isDigit(component.charCodeAt(0))) return -1;
  const value = Number(component);
  return value <= MAX_INT ? value : -1;
}

function isLess(a: string, b: string): boolean {
  const m = numberOf(a);
  const n = numberOf(b);
  if (m >= 0 && n >= 0) return m < n;
  if (a === "" && n >= 0) return true;
  if (a === "pre" && b !== "pre") return true;
  if (b === "pre") return false;
  // A word sorts before a number: 2.3a < 2.3.1.
  if (n >= 0) return true;
  if (m >= 0) return false;
  return a < b;
}

/** Returns the components of a version: "1.2pre3" is `["1", "2", "pre", "3"]`. */
export function splitVersion(version: string): string[] {
  const components: string[] = [];
  for (let start = skipSeparators(version, 0); start < version.length;) {
    const end = componentEnd(version, start);
    components.push(version.slice(start, end));
    start = skipSeparators(version, end);
  }
  return components;
}

/** Returns -1, 0 or 1 as version `a` is older than, equal to or newer than `b`. */
export function compareVersions(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const iStart = skipSeparators(a, i);
    const jStart = skipSeparators(b, j);
    i = componentEnd(a, iStart);
    j = componentEnd(b, jStart);
    const left = a.slice(iStart, i);
    const right = b.slice(jStart, j);
    if (left === right) continue;
    if (isLess(left, right)) return -1;
    if (isLess(right, left)) return 1;
  }
  return 0;
}

/** Splits a derivation name into package name and version; the version is "" if the name has none. */
export function parseDrvName(name: string): { readonly name: string; readonly version: string } {
  for (let dash = name.indexOf("-"); dash >= 0 && dash + 1 < name.length; dash = name.indexOf("-", dash + 1)) {
    const letter = name.charCodeAt(dash + 1) | 32;
    if (letter < 97 || letter > 122 || name.charCodeAt(dash + 1) > 127) {
      return { name: name.slice(0, dash), version: name.slice(dash + 1) };
    }
  }
  return { name, version: "" };
}
