/**
 * A sorted map as a red-black tree.
 *
 * It is the insertion of the textbooks (Cormen et al., chapter 13), which libstdc++'s std::map does too. The shape of
 * the tree matters: it decides which keys a new one is compared with, and that is visible when comparing fails.
 */

interface Node<K, V> {
  readonly key: K;
  readonly value: V;
  red: boolean;
  parent: Node<K, V> | null;
  left: Node<K, V> | null;
  right: Node<K, V> | null;
}

/** A sorted map. */
export class RedBlackTree<K, V> {
  readonly #less: (a: K, b: K) => boolean;
  #root: Node<K, V> | null = null;

  /** `less` is called as std::map calls it: the new key first on the way down. What it throws passes through. */
  constructor(less: (a: K, b: K) => boolean) {
    this.#less = less;
  }

  /** Adds a key unless an equal one is there; returns whether it was new. */
  insert(key: K, value: V): boolean {
    let parent: Node<K, V> | null = null;
    let goesLeft = true;
    for (let at = this.#root; at !== null; at = goesLeft ? at.left : at.right) {
      parent = at;
      goesLeft = this.#less(key, at.key);
    }
    const before = parent === null || !goesLeft ? parent : predecessor(parent);
    if (before !== null && !this.#less(before.key, key)) return false;

    const node: Node<K, V> = { key, value, red: true, parent, left: null, right: null };
    if (parent === null) this.#root = node;
    else if (goesLeft) parent.left = node;
    else parent.right = node;
    this.#rebalance(node);
    return true;
  }

  /** Yields the entries in order. */
  *[Symbol.iterator](): Iterator<{ readonly key: K; readonly value: V }> {
    let at = this.#root;
    while (at !== null && at.left !== null) at = at.left;
    for (; at !== null; at = successor(at)) yield at;
  }

  #rebalance(inserted: Node<K, V>): void {
    let node = inserted;
    for (;;) {
      const parent = node.parent;
      if (parent === null || !parent.red) break;
      const grandparent = parent.parent!;
      const parentIsLeft = parent === grandparent.left;
      const uncle = parentIsLeft ? grandparent.right : grandparent.left;
      if (uncle !== null && uncle.red) {
        parent.red = false;
        uncle.red = false;
        grandparent.red = true;
        node = grandparent;
        continue;
      }
      let top = parent;
      if (node === (parentIsLeft ? parent.right : parent.left)) {
        this.#rotate(parent, parentIsLeft);
        top = node;
      }
      top.red = false;
      grandparent.red = true;
      this.#rotate(grandparent, !parentIsLeft);
      break;
    }
    this.#root!.red = false;
  }

  /** Rotates `node` down to the left, or to the right, its child on the other side up. */
  #rotate(node: Node<K, V>, toLeft: boolean): void {
    const child = (toLeft ? node.right : node.left)!;
    const moved = toLeft ? child.left : child.right;
    if (toLeft) node.right = moved;
    else node.left = moved;
    if (moved !== null) moved.parent = node;
    const parent = node.parent;
    child.parent = parent;
    if (parent === null) this.#root = child;
    else if (node === parent.left) parent.left = child;
    else parent.right = child;
    if (toLeft) child.left = node;
    else child.right = node;
    node.parent = child;
  }
}

function predecessor<K, V>(node: Node<K, V>): Node<K, V> | null {
  if (node.left !== null) {
    let at = node.left;
    while (at.right !== null) at = at.right;
    return at;
  }
  let at = node;
  while (at.parent !== null && at === at.parent.left) at = at.parent;
  return at.parent;
}

function successor<K, V>(node: Node<K, V>): Node<K, V> | null {
  if (node.right !== null) {
    let at = node.right;
    while (at.left !== null) at = at.left;
    return at;
  }
  let at = node;
  while (at.parent !== null && at === at.parent.right) at = at.parent;
  return at.parent;
}
