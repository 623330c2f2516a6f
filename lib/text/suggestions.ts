/**
 * "Did you mean …?": which known names are near a misspelt one.
 *
 * As C++ Nix 2.34 picks them: by edit distance in bytes, then by spelling; at most five, none further than two edits.
 */

const LIMIT = 5;
const MAX_DISTANCE = 2;

/** Returns the names nearest to `query`, best first; empty if none is near. */
export function bestMatches(names: readonly string[], query: string): string[] {
  return bestMatchesOf([{ names, query }]);
}

/** Returns the names that are nearest to what was looked for among them, in several places. */
export function bestMatchesOf(
  places: Iterable<{ readonly names: readonly string[]; readonly query: string }>,
): string[] {
  const near: { name: string; distance: number }[] = [];
  for (const { names, query } of places) {
    for (const name of names) {
      if (Math.abs(name.length - query.length) > MAX_DISTANCE) continue;
      const distance = editDistance(query, name);
      if (distance > MAX_DISTANCE || near.some((n) => n.name === name && n.distance === distance)) continue;
      near.push({ name, distance });
    }
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return near.slice(0, LIMIT).map((n) => n.name);
}

/** Returns the name that is nearest to `query`; undefined if none is near, or two are equally so. */
export function bestMatch(names: readonly string[], query: string): string | undefined {
  const [first, second] = bestMatches(names, query);
  if (second !== undefined && editDistance(query, first) === editDistance(query, second)) return undefined;
  return first;
}

/** Returns how many bytes must be inserted, removed or replaced to turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = previous[j] + (a[i] === b[j] ? 0 : 1);
      row.push(Math.min(previous[j + 1] + 1, row[j] + 1, replaced));
    }
    previous = row;
  }
  return previous[b.length];
}
