/**
 * `builtins.sort`.
 *
 * C++ Nix 2.34 sorts with a peeksort (J. I. Munro, S. Wild, "Nearly-Optimal Mergesorts", 2018): a stable merge sort that
 * looks for the run in the middle, cuts there, and leaves pieces of up to 16 elements to insertion sort. Which pairs it
 * compares, and in what order, shows in traces, in which of several errors comes up, and in what a comparator that
 * contradicts itself makes of a list; so the same pairs are compared here. Where the comparator is `builtins.lessThan`
 * and all elements are numbers, or all strings, none of that can show and the host's sort does it.
 */
import type { Builtin } from "../lib/runtime/builtin.ts";
import { call2 } from "../lib/runtime/call.ts";
import { lessThan as valueLessThan } from "../lib/runtime/equality.ts";
import { forceBool, forceFunction, forceList } from "../lib/runtime/expect.ts";
import { force, valueOrSlot } from "../lib/runtime/thunk.ts";
import { Primop, type Slot, type Value } from "../lib/runtime/value.ts";
import { NO_POS } from "../lib/syntax/positions.ts";
import { lessThan } from "./arithmetic.ts";

/** Whether the first comes before the second. */
type Before<T> = (a: T, b: T) => boolean;

const INSERTION_LIMIT = 16;

/** Sorts an array in place, stably. */
export function peekSort<T>(items: T[], before: Before<T>): void {
  const n = items.length;
  if (n < 2) return;
  if (n === 2) {
    if (before(items[1], items[0])) items.reverse();
    return;
  }
  new PeekSort(items, before).sort(0, n, 0, n);
}

class PeekSort<T> {
  readonly #items: T[];
  readonly #before: Before<T>;
  readonly #buffer: T[];

  constructor(items: T[], before: Before<T>) {
    this.#items = items;
    this.#before = before;
    this.#buffer = new Array<T>(items.length);
  }

  /** Sorts [start, end), of which [start, leftEnd) and [rightStart, end) are known to be sorted. */
  sort(start: number, end: number, leftEnd: number, rightStart: number): void {
    if (leftEnd === end || rightStart === start) return;
    if (end - start <= INSERTION_LIMIT) return this.#insertionSort(start, end);
    const middle = start + ((end - start) >> 1);
    if (middle <= leftEnd) {
      this.sort(leftEnd, end, leftEnd + 1, rightStart);
      return this.#merge(start, leftEnd, end);
    }
    if (middle >= rightStart) {
      this.sort(start, rightStart, leftEnd, rightStart - 1);
      return this.#merge(start, rightStart, end);
    }
    const items = this.#items;
    const falling = this.#before(items[middle], items[middle - 1]);
    const runStart = this.#growLeft(leftEnd, middle, falling);
    const runEnd = this.#growRight(middle - 1, rightStart, falling);
    if (falling) this.#reverse(runStart, runEnd);
    if (runStart === start && runEnd === end) return;
    if (middle - runStart < runEnd - middle) {
      this.sort(start, runStart, leftEnd, runStart - 1);
      this.sort(runStart, end, runEnd, rightStart);
      this.#merge(start, runStart, end);
    } else {
      this.sort(start, runEnd, leftEnd, runStart);
      this.sort(runEnd, end, runEnd + 1, rightStart);
      this.#merge(start, runEnd, end);
    }
  }

  /** Returns the start of the run that ends at `end`, not looking before `limit`. */
  #growLeft(limit: number, end: number, falling: boolean): number {
    if (limit === end) return end;
    let at = end - 1;
    while (at > limit && this.#before(this.#items[at], this.#items[at - 1]) === falling) at--;
    return at;
  }

  /** Returns the end of the run that starts at `start`, not looking past `limit`. */
  #growRight(start: number, limit: number, falling: boolean): number {
    if (start === limit) return start;
    let at = start + 1;
    while (at < limit && this.#before(this.#items[at], this.#items[at - 1]) === falling) at++;
    return at;
  }

  #reverse(start: number, end: number): void {
    const items = this.#items;
    for (let i = start, j = end - 1; i < j; i++, j--) {
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
  }

  #insertionSort(start: number, end: number): void {
    const items = this.#items;
    for (let i = start + 1; i < end; i++) {
      const item = items[i];
      let at = i;
      while (at > start && this.#before(item, items[at - 1])) {
        items[at] = items[at - 1];
        at--;
      }
      items[at] = item;
    }
  }

  /** Merges the sorted [start, middle) and [middle, end). */
  #merge(start: number, middle: number, end: number): void {
    const items = this.#items;
    const buffer = this.#buffer;
    for (let i = start; i < end; i++) buffer[i] = items[i];
    let left = start;
    let right = middle;
    let at = start;
    while (left < middle && right < end) {
      items[at++] = this.#before(buffer[right], buffer[left]) ? buffer[right++] : buffer[left++];
    }
    while (left < middle) items[at++] = buffer[left++];
    while (right < end) items[at++] = buffer[right++];
  }
}

/** Sorts integers: as words of 32 bits, which is quicker, if all of them fit. */
function sortNumbers(numbers: number[]): number[] {
  const words = Int32Array.from(numbers);
  return words.every((word, i) => word === numbers[i]) ? Array.from(words.sort()) : numbers.sort((a, b) => a - b);
}

function sort(comparator: Slot, list: Slot): Value {
  const elements = forceList(list, "while evaluating the second argument passed to builtins.sort");
  const n = elements.length;
  if (n === 0) return elements;
  const fn = forceFunction(comparator, "while evaluating the first argument passed to builtins.sort");
  let strings = true;
  let numbers = true;
  const sorted = elements.map((element) => {
    const v = force(element);
    strings &&= typeof v === "string";
    numbers &&= typeof v === "number";
    return valueOrSlot(element);
  });
  if (fn instanceof Primop && fn.call === lessThan) {
    // A JS string is the bytes of one of ours: the host's order, by chars, is that of bytes.
    if (strings) return elements.map((e) => force(e) as string).sort();
    if (numbers) return sortNumbers(elements.map((e) => force(e) as number));
    const words = "while evaluating the ordering function passed to builtins.sort";
    peekSort(sorted, (a, b) => valueLessThan(a, b, words));
    return sorted;
  }
  const words = "while evaluating the return value of the sorting function passed to builtins.sort";
  peekSort(sorted, (a, b) => forceBool(call2(fn, a, b, NO_POS), words));
  return sorted;
}

/** `sort`. */
export const SORT_BUILTINS: readonly Builtin[] = [
  {
    name: "sort",
    params: ["comparator", "list"],
    doc:
      "Returns the list in the order given by *comparator*, a function of two elements that returns whether the first comes before the second. Elements neither of which comes before the other keep their order.",
    call: sort,
  },
];
