/**
 * Environments: the variables of a scope, and the environment around it.
 *
 * Variables are fields. An array is two objects to V8 and three words more, and of the environments of a NixOS system or
 * firefox 83% hold one or two variables, and 95% up to four. Three classes are few enough for V8 to tell them apart in place;
 * with a fourth, for more fields instead of an array, loops took 5 to 10% longer.
 */
import type { Slot } from "./value.ts";

type Content = Slot | undefined;

/** An environment. Code uses only variables that are there; those that have no content yet are undefined. */
export interface Env {
  /** The environment around it; null for the outermost. */
  up: Env;
  a: Content;
  b: Content;
  c: Content;
  d: Content;
  /** The fifth variable and those after it. */
  rest: Content[];
}

/** An environment of one variable. */
export interface Env1 extends Env {}
export class Env1 {
  constructor(up: Env | null, a: Content) {
    this.up = up!;
    this.a = a;
  }
}

/** An environment of two variables. */
export interface Env2 extends Env {}
export class Env2 {
  constructor(up: Env | null, a: Content, b: Content) {
    this.up = up!;
    this.a = a;
    this.b = b;
  }
}

/** An environment of more. */
export interface EnvN extends Env {}
export class EnvN {
  constructor(up: Env | null, a: Content, b: Content, c: Content, d: Content, rest: Content[] | null) {
    this.up = up!;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.rest = rest!;
  }
}

/** Returns an outermost environment. */
export function outermostEnv(): Env {
  return new Env1(null, undefined);
}

/** Returns an environment of `n` variables that have no content yet. */
export function emptyEnv(up: Env, n: number): Env {
  if (n < 2) return new Env1(up, undefined);
  if (n === 2) return new Env2(up, undefined, undefined);
  return new EnvN(up, undefined, undefined, undefined, undefined, n > 4 ? new Array(n - 4) : null);
}

/** Returns the content of a variable. Small, so that V8 puts it into what uses it. */
export function readSlot(env: Env, slot: number): Content {
  return slot === 0 ? env.a : slot === 1 ? env.b : readFurther(env, slot);
}

function readFurther(env: Env, slot: number): Content {
  return slot === 2 ? env.c : slot === 3 ? env.d : env.rest[slot - 4];
}

/** Sets the content of a variable. */
export function writeSlot(env: Env, slot: number, content: Slot): void {
  if (slot === 0) env.a = content;
  else if (slot === 1) env.b = content;
  else writeFurther(env, slot, content);
}

function writeFurther(env: Env, slot: number, content: Slot): void {
  if (slot === 2) env.c = content;
  else if (slot === 3) env.d = content;
  else env.rest[slot - 4] = content;
}
