/** Short lists, of which syntax trees have many. */

/** Returns `list` with `item` added, which may be the same list. What push() makes of a small one has room for 16 more. */
export function appended<T>(list: T[], item: T): T[] {
  switch (list.length) {
    case 0:
      return [item];
    case 1:
      return [list[0], item];
    case 2:
      return [list[0], list[1], item];
  }
  list.push(item);
  return list;
}
