/**
 * What a thunk of an expression runs, and how a slot for an expression is filled.
 *
 * An {@link ExprCode} exists for every expression that may have to wait: arguments, attributes, list elements, branches.
 * Its closure is built when it first runs, so that code which never runs costs its syntax tree only. As in C++ Nix, an
 * expression that is a constant or a variable needs no thunk: the slot takes the constant, or shares the variable's
 * content. Which expressions get thunks is visible (`<CODE>`), so nothing else is evaluated early.
 */
import { type Expr, Kind, whole } from "../syntax/ast.ts";
import { NO_POS, type Pos, type PosTable } from "../syntax/positions.ts";
import { Bug } from "../runtime/errors.ts";
import { EMPTY_LIST, Float, PathValue, type Slot, type Value } from "../runtime/value.ts";
import { type Env, readSlot, writeSlot } from "../runtime/env.ts";
import type { CopyToStore } from "../runtime/coerce.ts";
import { type Code, forceThunk, replacesThunk, Thunk } from "../runtime/thunk.ts";
import { GLOBAL_LEVEL } from "./resolve.ts";

/** An expression made executable. */
export type Run = (env: Env) => Value;

/** What compiled code needs from the evaluator it belongs to. */
export interface CompileContext {
  readonly positions: PosTable;
  /** Makes the closure of an expression. */
  readonly compile: (e: Expr) => Run;
  /** The global scope, by slot. */
  readonly globals: readonly Slot[];
  /** Copies paths that strings are made of (`"${./file}"`). */
  readonly copy: CopyToStore;
  /** Whether traces list every call. */
  readonly showCalls: () => boolean;
  /** Calls after which a function is translated to JavaScript. */
  readonly tierUpAfter: number;
  /** Whether all are, whatever they gain by it. */
  readonly tierUpAll: boolean;
}

const THUNK = 0;
const CONSTANT = 1;
const VARIABLE = 2;

/** An expression that may have to wait. */
export class ExprCode implements Code {
  run: (env: Env, code: ExprCode) => Value = buildAndRun;
  readonly tag: number;
  readonly level: number;
  readonly slot: number;
  readonly constant: Slot;
  expr: Expr | null;
  readonly cx: CompileContext;

  constructor(expr: Expr, cx: CompileContext) {
    this.expr = expr;
    this.cx = cx;
    let tag = THUNK;
    let level = 0;
    let slot = 0;
    let constant: Slot = null;
    switch (expr.kind) {
      case Kind.Int:
      case Kind.String:
        tag = CONSTANT;
        constant = expr.value;
        break;
      case Kind.Float:
        tag = CONSTANT;
        constant = new Float(expr.value);
        break;
      case Kind.Path:
        tag = CONSTANT;
        constant = new PathValue(expr.value);
        break;
      case Kind.List:
        if (expr.elems.length === 0) {
          tag = CONSTANT;
          constant = EMPTY_LIST;
        }
        break;
      case Kind.InheritFrom:
        tag = VARIABLE;
        slot = expr.slot;
        break;
      case Kind.Var:
        if (expr.level === GLOBAL_LEVEL) {
          tag = CONSTANT;
          constant = cx.globals[expr.slot];
        } else if (expr.withs === null) {
          level = expr.level;
          slot = expr.slot;
          tag = VARIABLE;
        }
        break;
    }
    this.tag = tag;
    this.level = level;
    this.slot = slot;
    this.constant = constant;
  }

  /** Whether a slot for the expression always takes a thunk. */
  get waits(): boolean {
    return this.tag === THUNK;
  }
}

function buildAndRun(env: Env, code: ExprCode): Value {
  const run = code.cx.compile(code.expr!);
  code.run = run;
  code.expr = null;
  return run(env);
}

/** Returns what a slot for the expression holds: its constant, its variable's content, or a new thunk. */
export function makeSlot(code: ExprCode, env: Env): Slot {
  const { tag } = code;
  if (tag === THUNK) return new Thunk(code, env);
  if (tag === CONSTANT) return code.constant;
  let up = env;
  for (let i = code.level; i > 0; i--) up = up.up;
  const slot = readSlot(up, code.slot);
  // A variable of a `let`, `rec` or set pattern that has no content yet, as these are filled in order.
  return slot === undefined ? new Thunk(code, env) : slot;
}

const RUN = -1;
const VALUE = -2;

/**
 * A child that always runs with its parent. Variables and constants, which most children are, are read in place:
 * calling a closure for each costs more than reading it.
 */
export class Operand {
  /** Levels up to a variable's environment, or {@link RUN}, or {@link VALUE}. */
  readonly level: number;
  readonly slot: number;
  readonly pos: Pos;
  readonly value: Value;
  readonly run: Run;

  /** `around` may put something around what runs the child. */
  constructor(e: Expr, cx: CompileContext, around = asIs) {
    const expr = whole(e);
    let level = RUN;
    let slot = 0;
    let pos = NO_POS;
    let value: Value = null;
    if (expr.kind === Kind.Var && expr.withs === null) {
      pos = expr.pos;
      if (expr.level === GLOBAL_LEVEL) {
        const global = cx.globals[expr.slot];
        if (!(global instanceof Thunk)) {
          level = VALUE;
          value = global;
        }
      } else {
        level = expr.level;
        slot = expr.slot;
      }
    } else if (expr.kind === Kind.String || expr.kind === Kind.Int) {
      level = VALUE;
      value = expr.value;
    }
    this.level = level;
    this.slot = slot;
    this.pos = pos;
    this.value = value;
    this.run = level === RUN ? around(expr, cx.compile(expr)) : NEVER;
  }
}

const asIs = (_: Expr, run: Run): Run => run;

const NEVER: Run = () => {
  throw new Bug("a variable or constant was run");
};

/** Returns the value of a child. Small, so that V8 puts it into the closures that use it. */
export function evaluate(operand: Operand, env: Env): Value {
  let level = operand.level;
  if (level < 0) return level === RUN ? operand.run(env) : operand.value;
  let up = env;
  for (; level > 0; level--) up = up.up;
  const content = readSlot(up, operand.slot)!;
  return content instanceof Thunk ? readThunk(up, operand.slot, content, operand.pos) : content;
}

/** Returns the value of a variable that holds a thunk; evaluated here, it is put into the environment in its place. */
export function readThunk(env: Env, slot: number, thunk: Thunk, pos: Pos): Value {
  if (thunk.code === null) return thunk.payload;
  const value = forceThunk(thunk, pos);
  if (thunk.code === null && replacesThunk(value)) writeSlot(env, slot, value);
  return value;
}
