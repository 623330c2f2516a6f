/**
 * String contexts: the store paths a string refers to.
 *
 * An element is a string: `/nix/store/…` (that path), `=/nix/store/….drv` (a derivation and everything it needs),
 * `!out!/nix/store/….drv` (an output of a derivation; nested for outputs of outputs: `!out!!dev!/nix/store/….drv`).
 * Contexts are immutable sorted sets of elements; most strings share theirs, so a union first looks whether one side
 * already holds the other.
 */

/** One element of a context, in the spelling above. */
export type ContextElement = string;

/** A non-empty set of context elements. */
export class Context {
  /** Sorted by bytes, without duplicates. */
  readonly elements: readonly ContextElement[];
  #lastOther: Context | null = null;
  #lastUnion: Context | null = null;

  private constructor(elements: readonly ContextElement[]) {
    this.elements = elements;
  }

  /** Returns the context of one element. */
  static of(element: ContextElement): Context {
    return new Context([element]);
  }

  /** Returns the context of the given elements, null when there are none. */
  static from(elements: Iterable<ContextElement>): Context | null {
    // Without a function to compare strings, they are compared by V8 itself: one char for each byte, so in the same order.
    const sorted = (elements instanceof Set ? [...elements] : [...new Set(elements)]).sort();
    return sorted.length === 0 ? null : new Context(sorted);
  }

  /** Returns the elements of both. */
  union(other: Context): Context {
    if (other === this || other === this.#lastOther) return other === this ? this : this.#lastUnion!;
    const a = this.elements;
    const b = other.elements;
    const merged: ContextElement[] = [];
    let i = 0;
    let j = 0;
    while (i < a.length && j < b.length) {
      if (a[i] === b[j]) {
        merged.push(a[i++]);
        j++;
      } else if (a[i] < b[j]) merged.push(a[i++]);
      else merged.push(b[j++]);
    }
    while (i < a.length) merged.push(a[i++]);
    while (j < b.length) merged.push(b[j++]);
    const union = merged.length === a.length ? this : merged.length === b.length ? other : new Context(merged);
    this.#lastOther = other;
    this.#lastUnion = union;
    return union;
  }
}

/** Collects contexts of many strings; cheaper than a chain of unions. */
export class ContextBuilder {
  #single: Context | null = null;
  #elements: Set<ContextElement> | null = null;

  /** Adds all elements of `context`. */
  add(context: Context | null): void {
    if (context === null || context === this.#single) return;
    if (this.#elements === null) {
      if (this.#single === null) {
        this.#single = context;
        return;
      }
      this.#elements = new Set(this.#single.elements);
    }
    this.#single = null;
    for (const element of context.elements) this.#elements.add(element);
  }

  /** Adds one element. */
  addElement(element: ContextElement): void {
    this.add(Context.of(element));
  }

  /** Returns what was added so far, null if nothing. */
  build(): Context | null {
    return this.#elements === null ? this.#single : Context.from(this.#elements);
  }
}

/** A context element taken apart. */
export type ParsedElement =
  | { readonly kind: "opaque"; readonly path: string }
  | { readonly kind: "drvDeep"; readonly drvPath: string }
  | { readonly kind: "built"; readonly drvPath: ParsedDrvPath; readonly output: string };

/** What an output belongs to: a derivation in the store, or one that is itself an output. */
export type ParsedDrvPath = string | { readonly drvPath: ParsedDrvPath; readonly output: string };

/** Takes a context element apart. */
export function parseElement(element: ContextElement): ParsedElement {
  if (element[0] === "=") return { kind: "drvDeep", drvPath: element.slice(1) };
  if (element[0] === "!") {
    const end = element.indexOf("!", 1);
    return { kind: "built", output: element.slice(1, end), drvPath: parseDrvPath(element.slice(end + 1)) };
  }
  return { kind: "opaque", path: element };
}

function parseDrvPath(text: string): ParsedDrvPath {
  if (text[0] !== "!") return text;
  const end = text.indexOf("!", 1);
  return { output: text.slice(1, end), drvPath: parseDrvPath(text.slice(end + 1)) };
}

/** Returns the element C++ Nix would name first: plain paths, then derivations, then outputs, each by path. */
export function firstElement(context: Context): ContextElement {
  let best = context.elements[0];
  let bestKey = orderKey(best);
  for (const element of context.elements) {
    const key = orderKey(element);
    if (key < bestKey) [best, bestKey] = [element, key];
  }
  return best;
}

/** Orders elements as C++ Nix does: of two outputs of one derivation the name decides last. */
function orderKey(element: ContextElement): string {
  if (element[0] === "=") return `1${element.slice(1)}`;
  if (element[0] !== "!") return `0${element}`;
  const path = element.lastIndexOf("!") + 1;
  return `2${element.slice(path)}\0${element.slice(0, path)}`;
}

/** Returns an element as C++ Nix shows it in messages, e.g. `…-hello.drv^out` with its store directory. */
export function displayElement(element: ContextElement): string {
  const parsed = parseElement(element);
  switch (parsed.kind) {
    case "opaque":
      return parsed.path;
    case "drvDeep":
      return `${parsed.drvPath} (deep)`;
    case "built":
      return `${displayDrvPath(parsed.drvPath)}^${parsed.output}`;
  }
}

function displayDrvPath(path: ParsedDrvPath): string {
  return typeof path === "string" ? path : `${displayDrvPath(path.drvPath)}^${path.output}`;
}
