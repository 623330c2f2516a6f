/**
 * What each value was made from: what `devix serve` and the background evaluator need to know when a file has changed. Of
 * files that people edit the latter knows pieces (lib/compile/pieces.ts).
 *
 * While evaluation is tracked, {@link dependencies} is the set of all that the thunk that runs has depended on so far: what
 * it looked at in the world ({@link depend}), and what the thunks that it forced depended on. When it has run, the set
 * stays with it, so that whoever forces it later gets it too. When something has changed, the thunks that depend on it
 * are put back to where they were before they ran; whatever doesn't depend on it stays evaluated. As what is put back is
 * exactly what would come out different, running again does what a fresh evaluation does, in the same order: no thunk
 * that stays could have run one that doesn't.
 *
 * To be put back, a thunk's code and payload have to be kept, which is a lot of memory. But a thunk that was made while
 * another ran can be reached through that one's value only. So most needn't be: those that depend on nothing that the
 * run that made them doesn't depend on too. That is why a value that depends on something must never take its thunk's
 * place (see replacesThunk in thunk.ts), and what files evaluate to, which everybody reaches, belongs to no run.
 *
 * What evaluation does besides making values (derivations that are to be written, what is said) is done by thunks too, and
 * whoever has to do it again for another job makes it a dependency.
 *
 * Nothing of this costs anything where evaluation isn't tracked: thunks have no field for it then. The module's variables
 * are thread-wide as the native stack is, whose state they are a part of.
 */
import { type DependencySet, DependencySets, EMPTY_SET, MAX_DEPENDENCIES } from "./dependency_sets.ts";
import type { Code, Thunk } from "./thunk.ts";
import type { Slot } from "./value.ts";

/** A run of a thunk, or of what isn't one. */
export class Run {
  /** What it depended on; -1 while it runs. */
  dependencies: DependencySet = -1;
  /** Whether its value was forgotten, or can't be reached any more. */
  gone = false;
  /** The sweep that last found it in use. */
  seen = 0;
  /** The run that made its thunk; null if that can be reached by anybody. */
  readonly maker: Run | null;
  /** What stays of it when it is done again; null if nothing does. */
  parts: Parts | null = null;

  constructor(maker: Run | null) {
    this.maker = maker;
  }
}

/**
 * What stays of a run that is done again: thunks of what it evaluated on its way, in this order. As long as the new run has
 * looked at nothing but what the last one looked at too, and that is as it was, it does what that one did.
 */
interface Parts {
  list: Part[];
  next: number;
  /** What the last run depended on. */
  before: DependencySet;
}

interface Part {
  readonly place: string;
  readonly thunk: Thunk;
  /** Stands for who made it: not the run, or it would go with it. */
  readonly maker: Run;
}

/** How many parts of a run stay. */
const MAX_PARTS = 64;

/** Whether nobody can reach what a run made: its value was forgotten, or that of the run that made its thunk, and so on. */
function isGone(run: Run, sweep: number): boolean {
  let known: Run | null = run;
  while (known !== null && !known.gone && known.seen !== sweep) known = known.maker;
  const gone = known !== null && known.gone;
  for (let at: Run | null = run; at !== known && at !== null; at = at.maker) {
    if (gone) at.gone = true;
    else at.seen = sweep;
  }
  return gone;
}

/** A thunk that has run and may have to again. */
interface Entry {
  /** Entries made later have larger ones. */
  readonly serial: number;
  readonly thunk: Thunk;
  readonly code: Code;
  readonly payload: unknown;
  readonly run: Run;
  readonly maker: Run | null;
}

/** A thunk that failed. */
interface Failure {
  readonly thunk: Thunk;
  readonly code: Code;
  readonly payload: unknown;
  readonly maker: Run | null;
}

/** Tells the values of one evaluation apart by what they depend on. */
export class Tracker {
  readonly sets: DependencySets = new DependencySets();
  readonly #ids = new Map<unknown, number>();
  readonly #things: unknown[] = [];
  /** By what their thunks depend on: few sets are shared by many, and most edits leave most sets alone. */
  readonly #entries = new Map<DependencySet, Entry[]>();
  #size = 0;
  #serial = 0;
  /** Whatever isn't made by a run is made by this one, until it is over. */
  #top = new Run(null);
  #sweeps = 0;
  /** How many entries the last sweep left. */
  #swept = 0;
  /** How many runs were forgotten since: what they made can't be reached any more. */
  #forgotten = 0;
  readonly #parts = new Map<Thunk, Parts>();
  /** Thunks that failed since {@link run} began. */
  #failed: Failure[] = [];
  /** Whether something showed which values were there already, since {@link begin}. */
  seesLaziness = false;

  /** Whether there are more things than can be told apart. */
  get isFull(): boolean {
    return this.#things.length >= MAX_DEPENDENCIES;
  }

  /** Whether more than half of what can be told apart is there. */
  get isHalfFull(): boolean {
    return this.#things.length >= MAX_DEPENDENCIES / 2;
  }

  /** How many thunks can be put back. */
  get size(): number {
    return this.#size;
  }

  /** Everything that something may depend on. */
  things(): Iterable<unknown> {
    return this.#ids.keys();
  }

  /** Returns the set of a thing that evaluation may depend on: an object, or a text that stands for it. */
  setOf(thing: unknown): DependencySet {
    let id = this.#ids.get(thing);
    if (id === undefined) {
      id = Math.min(this.#things.length, MAX_DEPENDENCIES - 1);
      this.#ids.set(thing, id);
      this.#things[id] = thing;
    }
    return this.sets.single(id);
  }

  /** Returns the things in a set. */
  thingsIn(set: DependencySet): unknown[] {
    return this.sets.members(set).map((id) => this.#things[id]);
  }

  /** Notes that a thunk has been evaluated: what by, what from and for whom, so that it can be made unevaluated again. */
  add(
    thunk: Thunk,
    ran: { readonly code: Code; readonly payload: unknown; readonly run: Run; readonly maker: Run | null },
  ) {
    const { code, payload, run, maker } = ran;
    const entry = { serial: this.#serial++, thunk, code, payload, run, maker };
    const others = this.#entries.get(run.dependencies);
    if (others === undefined) this.#entries.set(run.dependencies, [entry]);
    else others.push(entry);
    this.#size++;
  }

  /**
   * Puts back what depends on things that have changed, which are forgotten: when they come up again they are new. Returns
   * how many thunks were put back. None may be running.
   */
  reset(changed: Iterable<unknown>): number {
    let stale = EMPTY_SET;
    for (const thing of changed) {
      const id = this.#ids.get(thing);
      if (id === undefined) continue;
      stale = this.sets.union(stale, this.sets.single(id));
      this.#ids.delete(thing);
    }
    if (stale === EMPTY_SET) return 0;
    const found: Entry[] = [];
    for (const [set, entries] of this.#entries) {
      if (!this.sets.meet(set, stale)) continue;
      for (const entry of entries) found.push(entry);
      this.#entries.delete(set);
    }
    this.#size -= found.length;
    // Thunks that run several times at once were entered several times: the first time counts.
    found.sort((a, b) => b.serial - a.serial);
    const sweep = ++this.#sweeps;
    let count = 0;
    for (const { thunk, code, payload, maker } of found) {
      if (maker !== null && isGone(maker, sweep)) continue;
      thunk.code = code;
      thunk.payload = payload;
      thunk.origin = maker ?? undefined;
      count++;
    }
    for (const { run } of found) run.gone = true;
    this.#forgotten += found.length;
    this.sweepSometimes();
    return count;
  }

  /** Forgets thunks that nobody can reach any more. */
  sweep(): void {
    this.#failed = [];
    const sweep = ++this.#sweeps;
    this.#filter(({ maker }) => maker === null || !isGone(maker, sweep));
    this.#swept = this.#size;
    this.#forgotten = 0;
  }

  #filter(keep: (entry: Entry) => boolean): void {
    this.#size = 0;
    for (const [set, entries] of this.#entries) {
      const kept = entries.filter(keep);
      if (kept.length === 0) this.#entries.delete(set);
      else if (kept.length < entries.length) this.#entries.set(set, kept);
      this.#size += kept.length;
    }
  }

  /** The same if it may be worth it. */
  sweepSometimes(): void {
    if (this.#size + this.#forgotten > 1.25 * this.#swept + 1000) this.sweep();
  }

  /** Forgets the value of a thunk that anybody could reach until now. */
  drop(thunk: Thunk): void {
    const parts = this.#parts.get(thunk);
    if (parts !== undefined) cutParts(parts, 0);
    this.#parts.delete(thunk);
    this.#filter((entry) => {
      if (entry.thunk !== thunk) return true;
      entry.run.gone = true;
      return false;
    });
  }

  /** Sees to it that parts of a thunk's runs stay (see {@link part}). Nobody in particular made it. */
  keepParts(thunk: Thunk): void {
    this.#parts.set(thunk, { list: [], next: 0, before: EMPTY_SET });
  }

  /** Returns what stays of a thunk's runs, for the next one. */
  partsOf(thunk: Thunk): Parts | null {
    const parts = this.#parts.get(thunk);
    if (parts === undefined) return null;
    parts.next = 0;
    return parts;
  }

  /** Notes that a thunk failed. */
  fail(failure: Failure): void {
    this.#failed.push(failure);
  }

  /**
   * Puts back the thunks that failed with an error that nobody caught: when they fail again, that one has to collect the
   * frames of its trace, not this one once more. Failures that were caught stay, as they do in C++ Nix.
   */
  forgetFailure(error: unknown): void {
    const ours = ({ thunk }: Failure) => thunk.payload === error;
    const thunks = new Set<Thunk>();
    for (const failure of this.#failed.filter(ours).reverse()) {
      const { thunk, code, payload, maker } = failure;
      thunks.add(thunk);
      thunk.code = code;
      thunk.payload = payload;
      thunk.origin = maker ?? undefined;
    }
    if (thunks.size > 0) this.#filter(({ thunk }) => !thunks.has(thunk));
  }

  /** Returns what was depended on since {@link begin}, if no thunk runs. */
  soFar(): unknown[] {
    return this.thingsIn(dependencies);
  }

  /** Runs an action, tracked; `poll` is called now and then and may throw what isn't a NixError to interrupt it. */
  run<T>(action: () => T, { poll }: { readonly poll?: () => void } = {}): T {
    const end = this.begin(poll);
    try {
      return action();
    } finally {
      end();
    }
  }

  /** Begins to track; the function returned ends that, and returns all that was depended on. */
  begin(poll: () => void = () => {}): () => DependencySet {
    const before = { tracker, run, dependencies, onPoll };
    const top = this.#top = new Run(null);
    tracker = this;
    run = top;
    dependencies = EMPTY_SET;
    onPoll = poll;
    this.#failed = [];
    this.seesLaziness = false;
    return () => {
      const all = dependencies;
      // What was made outside of all thunks can be reached from outside only.
      top.gone = true;
      ({ tracker, run, dependencies, onPoll } = before);
      return all;
    };
  }
}

/** Notes that something shows which values were there already. */
export function noteLaziness(): void {
  if (tracker !== null) tracker.seesLaziness = true;
}

/** Where dependencies are noted; null where nobody wants to know. */
export let tracker: Tracker | null = null;

/** What makes thunks now; null where nobody wants to know. */
export let run: Run | null = null;

/** What the run that is under way has depended on so far. */
export let dependencies: DependencySet = EMPTY_SET;

let onPoll: () => void = () => {};
let untilPoll = 0;

/** How many thunks are run between polls: some 50 us to 1 ms of evaluation. */
const POLL_INTERVAL = 1000;

/** Notes that what runs depends on a thing; see {@link Tracker.setOf}. */
export function depend(thing: unknown): void {
  if (tracker !== null) dependOnAll(tracker.setOf(thing));
}

/** Notes that what runs depends on all that is in a set. */
export function dependOnAll(set: DependencySet): void {
  if (set !== dependencies) dependencies = tracker!.sets.union(dependencies, set);
}

/** What a {@link remembered} action gave, and what it depended on. */
export interface Remembered<T> {
  readonly value: T;
  readonly dependencies: DependencySet;
}

/** Does something whose result is kept for whoever asks next: they depend on the same then (see {@link recall}). */
export function remember<T>(action: () => T): Remembered<T> {
  if (tracker === null) return { value: action(), dependencies: EMPTY_SET };
  const before = dependencies;
  dependencies = EMPTY_SET;
  try {
    const value = action();
    return { value, dependencies };
  } finally {
    dependencies = tracker.sets.union(before, dependencies);
  }
}

/** Returns what was remembered. */
export function recall<T>(remembered: Remembered<T>): T {
  if (tracker !== null) dependOnAll(remembered.dependencies);
  return remembered.value;
}

/** Does something on whose result nothing depends yet; who uses it has to see to that. Where it fails all of it counts. */
export function aside<T>(action: () => T): Remembered<T> {
  const before = dependencies;
  const remembered = remember(action);
  dependencies = before;
  return remembered;
}

/** Notes that what runs depends on all that is in a set but for one thing. */
export function dependOnOthers(set: DependencySet, but: unknown): void {
  if (tracker === null) return;
  for (const thing of tracker.thingsIn(set)) if (thing !== but) depend(thing);
}

/** Begins a run of a thunk that was made by `maker`. {@link endRun} follows, whatever happens. */
export function beginRun(maker: Run | null): Run {
  if (--untilPoll < 0) {
    untilPoll = POLL_INTERVAL;
    onPoll();
  }
  dependencies = EMPTY_SET;
  return run = new Run(maker);
}

/** Ends a run: back to the one that was under way before, which depends on what this one does. */
export function endRun(outer: Run | null, before: DependencySet): void {
  const parts = run!.parts;
  if (parts !== null) {
    parts.before = dependencies;
    cutParts(parts, parts.next);
  }
  run = outer;
  if (before !== dependencies) dependencies = tracker!.sets.union(before, dependencies);
}

/** Enters a thunk that has run, if it has to be kept for that; dependencies are those of the run that ends. */
export function settle(
  thunk: Thunk,
  ran: { readonly code: Code; readonly payload: unknown; readonly run: Run; readonly maker: Run | null },
): void {
  const { maker } = ran;
  thunk.origin = dependencies;
  if (maker !== null) {
    // One that is under way gets what this one depends on.
    if (maker.dependencies < 0 ? !isApart : tracker!.sets.covers(maker.dependencies, dependencies)) return;
  }
  tracker!.add(thunk, ran);
}

/** Notes that a thunk failed; see {@link Tracker.forgetFailure}. */
export function fail(failure: Failure): void {
  tracker!.fail(failure);
}

/** Whether parts of the run that is under way stay. */
export function hasParts(): boolean {
  return run !== null && run.parts !== null;
}

/**
 * Returns a value that a run makes on its way, at some kind of place. Where parts of the run stay, it is the one that the
 * last run made there, unless something that this run looked at has changed.
 */
export function part(place: string, compute: () => Slot, makeThunk: (compute: () => Slot) => Thunk): Slot {
  const parts = run === null ? null : run.parts;
  if (parts === null || parts.next >= MAX_PARTS) return compute();
  const at = parts.next++;
  const known = parts.list[at];
  if (known?.place === place && tracker!.sets.covers(parts.before, dependencies)) return known.thunk;
  // What came after it came of something else.
  cutParts(parts, at);
  const outer = run;
  const maker = run = new Run(null);
  maker.dependencies = EMPTY_SET;
  try {
    const thunk = makeThunk(compute);
    parts.list.push({ place, thunk, maker });
    return thunk;
  } finally {
    run = outer;
  }
}

/** Forgets all parts but the first ones. */
function cutParts(parts: Parts, count: number): void {
  for (const { maker } of parts.list.splice(count)) maker.gone = true;
}

/** Thrown by what {@link apart} runs when it takes long, or says something. */
export class Overrun extends Error {
  override name = "Overrun";
}

/** How many times {@link POLL_INTERVAL} thunks may be run apart. */
const MAX_POLLS_APART = 20;

/** Whether something runs {@link apart}. */
let isApart = false;

/** Runs an action on which nothing is to depend. @throws {Overrun} and what the action throws */
export function apart<T>(action: () => T): T {
  const before = { dependencies, onPoll, untilPoll, isApart };
  let left = MAX_POLLS_APART;
  if (!isApart) {
    onPoll = () => {
      if (--left < 0) throw new Overrun();
    };
    untilPoll = POLL_INTERVAL;
    isApart = true;
  }
  try {
    return action();
  } finally {
    dependencies = before.dependencies;
    if (!before.isApart) ({ onPoll, untilPoll, isApart } = before);
  }
}

/** To be called when something is about to be said: what runs apart had better not. @throws {Overrun} */
export function say(): void {
  if (isApart) throw new Overrun();
}

/** Makes what isn't made by anybody in particular: anybody may reach it. */
export function madeByNobody<T>(make: () => T): T {
  const before = run;
  run = null;
  try {
    return make();
  } finally {
    run = before;
  }
}
