// Order by bytes: what C++ Nix's std::map and std::set keep, and what store paths depend on. Binary strings compare by `<`.

/** Returns a map in order of its keys' bytes: the same one if it is in order already. */
export function sortedMap<K extends string, V>(map: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  let previous: K | undefined;
  for (const key of map.keys()) {
    if (previous !== undefined && previous > key) {
      return new Map([...map].sort((a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    }
    previous = key;
  }
  return map;
}

/** Returns a list in order of bytes and without duplicates: the same one if it is so already. */
export function sortedSet<T extends string>(list: readonly T[]): readonly T[] {
  for (let i = 1; i < list.length; i++) if (list[i - 1] >= list[i]) return [...new Set(list)].sort();
  return list;
}
