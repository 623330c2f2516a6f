/**
 * What is done for speed and changes nothing else, with the sizes from which it is done.
 *
 * They are options of an evaluator, so that tests can run everything with each of them off, and with each of them on from
 * the start.
 */

/** The sizes; see {@link OPTIMISATIONS} for those there are usually. */
export interface Optimisations {
  /** Calls after which a function is translated to JavaScript; Infinity: never. */
  readonly tierUpAfter: number;
  /** Whether that is done with those that gain nothing by it, too. */
  readonly tierUpAll: boolean;
  /** Attributes up to which the shapes of sets are shared and their merges remembered; 0: never. */
  readonly sharedShapes: number;
  /** A set with more attributes than this, updated with one at least 8 times smaller, becomes an overlay. */
  readonly overlaysAbove: number;
  /** Sets with more attributes than this are laid over each other, and made attribute by attribute. */
  readonly layersAbove: number;
}

/** What evaluators do unless told otherwise. */
export const OPTIMISATIONS: Optimisations = {
  tierUpAfter: 10_000,
  tierUpAll: false,
  sharedShapes: 128,
  overlaysAbove: 32,
  layersAbove: 512,
};
