// Who fetches tells of what is going on through these; what becomes of it (bars, lines, JSON) is not its business.

/** Receives what there is to say while things are fetched. Texts are binary strings without secrets. */
export interface FetchReport {
  /** Something odd that the user should know of. */
  warn(message: string): void;
  /** For verbosity `level` (3 info, 4 talkative, 5 chatty, 6 debug). */
  message(level: number, message: string): void;
  /** Something that takes time begins. */
  start(activity: FetchActivityKind): FetchActivity;
  /** So many fetches haven't begun, because too many are under way. */
  waiting?(count: number): void;
}

/** What takes time. */
export type FetchActivityKind =
  /** Bytes come from a URL. */
  | { readonly kind: "download"; readonly url: string }
  /** A program fetches a tree; `text` says which. */
  | { readonly kind: "tree"; readonly text: string }
  /** Anything else, for verbosity `level`. */
  | { readonly kind: "other"; readonly level: number; readonly text: string };

/** Something that is going on. */
export interface FetchActivity {
  /** `done` of `expected` bytes; 0 expected means nobody knows. */
  progress(done: number, expected: number): void;
  /** Says that it is over, done or failed. Called once. */
  stop(): void;
}

/** Says nothing. */
export const SILENT_REPORT: FetchReport = {
  warn() {},
  message() {},
  start: () => ({ progress() {}, stop() {} }),
};
