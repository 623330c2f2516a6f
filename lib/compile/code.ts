/**
 * What a thunk of an expression runs, and how a slot for an expression is filled.
 *
 * An {@link ExprCode} exists for every expression that may have to wait: arguments, attributes, list elements, branches.
 * Its closure is built when it first runs, so that code which never runs costs its syntax tree only. As in C++ Nix, an
 * expression that is a constant or a variable needs no thunk: the slot takes the constant, or shares the variable's
 * content. Which expressions get thunks is visible (`<CODE>`), so nothing else is evaluated early.
 */
import { type Expr, Kind, type TreeSource, whole } from "../syntax/ast.ts";
import { NO_POS, type Pos, type PosTable } from "../syntax/positions.ts";
import { Bug } from "../runtime/errors.ts";
import { EMPTY_LIST, Float, PathValue, type Slot, type Value } from "../runtime/value.ts";
import { type Env, readSlot, writeSlot } from "../runtime/env.ts";
import type { CopyToStore } from "../runtime/coerce.ts";
import { type Code, force, forceThunk, replacesThunk, Thunk } from "../runtime/thunk.ts";
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

/** What {@link ExprCode.level} is for an expression that gets a thunk, and for a constant. */
const WAITS = -1;
const CONSTANT = -2;

/** An expression that may have to wait. Large programs have hundreds of thousands: no word more than it takes. */
export class ExprCode implements Code {
  run: (env: Env, code: ExprCode) => Value;
  /** Levels up to a variable's environment, or {@link WAITS}, or {@link CONSTANT}. */
  readonly level: number;
  /** A variable's slot; a constant; else the expression, or its place if it is to be read. Null once it has been compiled. */
  operand: Slot | Expr;
  /** The position of a variable; else what compiles it, or where it is read from, which knows that. */
  readonly home: CompileContext | TreeSource | Pos;

  constructor(expr: Expr, cx: CompileContext) {
    let level = WAITS;
    let operand: Slot | Expr = expr;
    let home: ExprCode["home"] = cx;
    switch (expr.kind) {
      case Kind.Lazy:
        home = expr.source;
        expr.source.compiler = cx;
        operand = expr.at;
        break;
      case Kind.Int:
      case Kind.String:
        level = CONSTANT;
        operand = expr.value;
        break;
      case Kind.Float:
        level = CONSTANT;
        operand = new Float(expr.value);
        break;
      case Kind.Path:
        level = CONSTANT;
        operand = new PathValue(expr.value);
        break;
      case Kind.List:
        if (expr.elems.length === 0) {
          level = CONSTANT;
          operand = EMPTY_LIST;
        }
        break;
      case Kind.InheritFrom:
        level = 0;
        operand = expr.slot;
        home = expr.pos;
        break;
      case Kind.Var:
        if (expr.level === GLOBAL_LEVEL) {
          level = CONSTANT;
          operand = cx.globals[expr.slot];
          home = expr.pos;
        } else if (expr.withs === null) {
          level = expr.level;
          operand = expr.slot;
          home = expr.pos;
        }
        break;
    }
    this.run = level === WAITS ? buildAndRun : level === CONSTANT ? runConstant : runVariable;
    this.level = level;
    this.operand = operand;
    this.home = home;
  }

  /** Whether a slot for the expression always takes a thunk. */
  get waits(): boolean {
    return this.level === WAITS;
  }
}

function buildAndRun(env: Env, code: ExprCode): Value {
  const run = compileCode(code);
  code.run = run;
  code.operand = null;
  return run(env);
}

/** For branches. Only what the global scope has may be a thunk. */
function runConstant(_: Env, { operand, home }: ExprCode): Value {
  return operand instanceof Thunk ? force(operand, home as Pos) : operand as Value;
}

/** For variables that had no content when a slot for them was filled ({@link makeSlot}), and for those that are branches. */
function runVariable(env: Env, { level, operand, home }: ExprCode): Value {
  let up = env;
  for (; level > 0; level--) up = up.up;
  const content = readSlot(up, operand as number)!;
  return content instanceof Thunk ? readThunk(up, operand as number, content, home as Pos) : content;
}

function compileCode(code: ExprCode): Run {
  const { operand, home } = code;
  const cx = typeof operand === "number" ? (home as TreeSource).compiler : home;
  return (cx as CompileContext).compile(exprOf(code));
}

/** Returns the expression of code that has to be compiled yet. */
function exprOf({ operand, home }: ExprCode): Expr {
  return typeof operand === "number" ? (home as TreeSource).expr(operand) : operand as Expr;
}

/** Returns what a slot for the expression holds: its constant, its variable's content, or a new thunk. */
export function makeSlot(code: ExprCode, env: Env): Slot {
  let { level } = code;
  if (level < 0) return level === WAITS ? new Thunk(code, env) : code.operand as Slot;
  let up = env;
  for (; level > 0; level--) up = up.up;
  const slot = readSlot(up, code.operand as number);
  // A variable of a `let`, `rec` or set pattern that has no content yet, as these are filled in order.
  return slot === undefined ? new Thunk(code, env) : slot;
}

/** Whether a thunk is of a set without computed names, a list or a function, and has never run. */
export function isTrivial({ code }: Thunk): boolean {
  if (!(code instanceof ExprCode) || !code.waits || code.operand === null) return false;
  const outer = whole(exprOf(code));
  const expr = outer.kind === Kind.Piece ? whole(outer.expr) : outer;
  return expr.kind === Kind.List || expr.kind === Kind.Lambda ||
    (expr.kind === Kind.Attrs && expr.dynamic.length === 0);
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

  /** `around` may put something around what runs the child; `wantedAt` is what wants a variable's value, else its own place. */
  constructor(e: Expr, cx: CompileContext, around = asIs, wantedAt?: Pos) {
    const expr = whole(e);
    let level = RUN;
    let slot = 0;
    let pos = NO_POS;
    let value: Value = null;
    if (expr.kind === Kind.Var && expr.withs === null) {
      pos = wantedAt ?? expr.pos;
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

/** Returns an operand of a builtin: that gets the variable itself, and has no place of its own to blame. */
export function builtinOperand(e: Expr, cx: CompileContext): Operand {
  return new Operand(e, cx, asIs, NO_POS);
}

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
