/**
 * Values that will have to be made again: those for which something was read that is likely to change.
 *
 * `devix serve` knows by owner (owner.ts) what a changed file reaches, and that is much where a file is read on behalf of the
 * root, as a project's configuration is: all that the root's calls have made, a whole package set perhaps, belongs to the root.
 * For inputs that change again and again it is known by thunk instead. While a thunk runs that reads such an input, or needs
 * a thunk that did, {@link tainted} is set; when it has run, it is entered here with what it ran, so that it can be put back
 * to where it was. Whatever didn't touch the input stays evaluated.
 *
 * That this is enough rests on who can reach what: a thunk made while a tainted one ran can be reached through that one's
 * value only. So the value of a tainted thunk must never be put in the thunk's place (see replacesThunk in thunk.ts): it
 * stays a thunk that says, whenever it is needed, that it is tainted.
 */
import type { Owner } from "./owner.ts";
import type { Code, Thunk } from "./thunk.ts";

/** A thunk that has run, and what it ran. */
interface Entry {
  readonly thunk: Thunk;
  readonly code: Code;
  readonly payload: unknown;
}

/** The thunks of one evaluation that have to be run again when a volatile input has changed. */
export class VolatileThunks {
  #entries: Entry[] = [];

  add(thunk: Thunk, code: Code, payload: unknown): void {
    this.#entries.push({ thunk, code, payload });
  }

  /** Puts all of them back to before they ran, and returns how many. None may be running. */
  reset(): number {
    const entries = this.#entries;
    this.#entries = [];
    // Application thunks may have run more than once: the first time counts.
    for (const { thunk, code, payload } of entries.reverse()) {
      thunk.code = code;
      thunk.payload = payload;
    }
    return entries.length;
  }

  /** Forgets those of owners whose values are thrown away: nobody will want them any more. */
  forget(owners: ReadonlySet<Owner>): void {
    this.#entries = this.#entries.filter(({ thunk }) => thunk.owner === undefined || !owners.has(thunk.owner));
  }
}

/** Where tainted thunks are entered; null where nobody wants to know. */
export let volatileThunks: VolatileThunks | null = null;

/** Whether what is being evaluated has touched something volatile. */
export let tainted = false;

/** Sets {@link tainted}. */
export function setTainted(is: boolean): void {
  tainted = is;
}

/** Runs an action, entering tainted thunks in `thunks`; returns what it returns and whether it is tainted itself. */
export function collectVolatile<T>(
  thunks: VolatileThunks,
  action: () => T,
): { readonly result: T; readonly tainted: boolean } {
  const before = { volatileThunks, tainted };
  volatileThunks = thunks;
  tainted = false;
  try {
    return { result: action(), tainted };
  } finally {
    ({ volatileThunks, tainted } = before);
  }
}
