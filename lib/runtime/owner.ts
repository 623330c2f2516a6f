/**
 * On whose behalf evaluation runs: what `devix serve` needs to know when a file has changed.
 *
 * An imported file's value is computed once, but not at once: parts of it wait, and what they read when somebody at last
 * wants them is then part of that file's value too. So each thunk remembers the owner for which it was made, running a
 * thunk runs on behalf of its owner, and importing a file makes the importer a user of the file's owner. Calls don't
 * change the owner: what a function makes belongs to its caller. As files see nothing but global names, a value of an
 * owner can hold only what that owner made or what came from owners it uses, directly or not. That makes it safe to throw
 * away exactly the owners that read something changed, and their users.
 *
 * Without an owner, which is the case everywhere but in `devix serve`, thunks have no field for one and nothing is
 * noted. The module's variable is thread-wide as the native stack is, whose state it is a part of.
 */

/** Someone on whose behalf thunks are made and run: an imported file, or whoever asked for a value. */
export class Owner {
  /** The path of a file, or what is being evaluated. */
  readonly name: string;
  /** What was read on its behalf. */
  readonly inputs: Set<unknown> = new Set();
  /** Those whose values it got by importing. */
  readonly uses: Set<Owner> = new Set();

  constructor(name: string) {
    this.name = name;
  }
}

/** The owner on whose behalf evaluation runs now; null where nobody wants to know. */
export let owner: Owner | null = null;

/** Called now and then while evaluation runs for an owner; may throw to interrupt it. */
let poll: () => void = () => {};
let untilPoll = 0;

/** How many thunks are run between polls: some 50 us to 1 ms of evaluation. */
const POLL_INTERVAL = 1000;

/** Makes evaluation run on behalf of `next` from now on. */
export function setOwner(next: Owner | null): void {
  owner = next;
}

/** To be called when a thunk made for `next` (for nobody in particular if undefined) begins to run. */
export function enterOwner(next: Owner | undefined): void {
  if (next !== undefined) owner = next;
  if (--untilPoll < 0) {
    untilPoll = POLL_INTERVAL;
    poll();
  }
}

/** Runs `action` on behalf of `next`, calling `onPoll` now and then; it may throw what isn't a NixError to interrupt. */
export function runAs<T>(next: Owner, action: () => T, onPoll: () => void = () => {}): T {
  const before = { owner, poll };
  owner = next;
  poll = onPoll;
  try {
    return action();
  } finally {
    owner = before.owner;
    poll = before.poll;
  }
}

/** Returns the owners among `all` that have an input `isStale` says yes to, and all their users. */
export function staleOwners(all: Iterable<Owner>, isStale: (input: unknown) => boolean): Set<Owner> {
  const users = new Map<Owner, Owner[]>();
  const stale = new Set<Owner>();
  for (const each of all) {
    for (const used of each.uses) {
      const known = users.get(used);
      if (known === undefined) users.set(used, [each]);
      else known.push(each);
    }
    for (const input of each.inputs) {
      if (!isStale(input)) continue;
      stale.add(each);
      break;
    }
  }
  // The set grows while it is walked.
  for (const each of stale) for (const user of users.get(each) ?? []) stale.add(user);
  return stale;
}
