/**
 * Which process evaluates what: each has a part of the list to itself.
 *
 * Attributes that stand side by side are mostly of one set and share what they need; what two processes share both evaluate.
 * All of corepkgs, the halves by two processes, costs 16% more processor time than in one; attributes dealt out by turns 40%
 * and, in chunks of 16, more. So two processes begin at the two ends of a stretch and meet where they meet, which needs no
 * guess of what anything costs. Who has nothing left to do goes to the longest stretch that others are at.
 */

/** Attributes that stand side by side, handed out at once. */
export interface Block {
  readonly start: number;
  readonly end: number;
}

/**
 * What a block is to take, in milliseconds. Nobody waits longer than that for another in the end, if attributes are alike;
 * handing one out takes a tenth of a millisecond.
 */
const BLOCK_MILLISECONDS = 30;
const MAX_LENGTH = 64;

/** So many blocks of the same length would be left in a stretch: what is last is as short as can be. */
const BLOCKS_LEFT = 8;

/** What nobody has taken: who is at the front takes from there up, who is at the back from there down. */
interface Stretch {
  start: number;
  end: number;
  front: number | null;
  back: number | null;
}

/** A list that several processes take blocks of. Each element is handed out once. */
export class Blocks {
  readonly #stretches: Stretch[] = [];
  /** How long the last block of each process was. */
  readonly #lengths: (number | undefined)[];

  /** `count` is the length of the list; processes are numbers below `processes`. */
  constructor(count: number, processes: number) {
    const stretches = Math.ceil(processes / 2);
    this.#lengths = new Array(processes);
    for (let i = 0; i < stretches; i++) {
      const start = Math.floor(i * count / stretches);
      const end = Math.floor((i + 1) * count / stretches);
      this.#stretches.push({ start, end, front: 2 * i, back: 2 * i + 1 < processes ? 2 * i + 1 : null });
    }
  }

  /**
   * Returns what this process is to do next, undefined if nothing is left. `milliseconds` is what its last block took; the
   * first is one attribute.
   */
  take(process: number, milliseconds: number): Block | undefined {
    const stretch = this.#stretchOf(process);
    if (stretch === undefined) return undefined;
    const left = Math.floor((stretch.end - stretch.start) / BLOCKS_LEFT);
    const length = Math.max(1, Math.min(this.#likely(process, milliseconds), left));
    this.#lengths[process] = length;
    if (stretch.front === process) return { start: stretch.start, end: stretch.start += length };
    const { end } = stretch;
    return { start: stretch.end -= length, end };
  }

  /** How many attributes are likely to take as long as a block should. */
  #likely(process: number, milliseconds: number): number {
    const last = this.#lengths[process];
    if (last === undefined) return 1;
    return Math.min(2 * last, Math.floor(last * BLOCK_MILLISECONDS / milliseconds), MAX_LENGTH);
  }

  #stretchOf(process: number): Stretch | undefined {
    const at = this.#stretches.find(({ front, back }) => front === process || back === process);
    if (at !== undefined && at.start < at.end) return at;
    if (at !== undefined) this.#stretches.splice(this.#stretches.indexOf(at), 1);
    const longest = this.#stretches.reduce<Stretch | undefined>(
      (most, each) => each.end - each.start > (most === undefined ? 0 : most.end - most.start) ? each : most,
      undefined,
    );
    if (longest === undefined) return undefined;
    if (longest.front === null) longest.front = process;
    else if (longest.back === null) longest.back = process;
    else return this.#split(longest, process);
    return longest;
  }

  /** Gives the middle of a stretch to a process; who is at the back goes on with the upper half. */
  #split(stretch: Stretch, process: number): Stretch {
    const middle = (stretch.start + stretch.end) >> 1;
    const upper = { start: middle, end: stretch.end, front: process, back: stretch.back };
    stretch.end = middle;
    stretch.back = null;
    this.#stretches.push(upper);
    return upper;
  }
}
