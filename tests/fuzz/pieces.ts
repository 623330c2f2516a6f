/**
 * Pieces of program text with their binding strength, from which the generator assembles programs.
 */

/** A piece of program text and how tightly it binds. */
export interface Piece {
  readonly text: string;
  readonly level: number;
}

/** Binding strengths, those of Nix's grammar. */
export const Level = {
  Function: 0,
  Pipe: 1,
  Implication: 2,
  Or: 3,
  And: 4,
  Equality: 5,
  Comparison: 6,
  Update: 7,
  Not: 8,
  Sum: 9,
  Product: 10,
  Concat: 11,
  HasAttr: 12,
  Negation: 13,
  Application: 14,
  Select: 15,
  Simple: 16,
} as const;
