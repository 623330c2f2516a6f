/**
 * Calling functions.
 *
 * Functions written `a: b: …` take all their arguments at once, in one environment, when a call has them, which saves a
 * closure and an environment per argument. Traces stay those of one-argument calls: only the innermost body can fail, and
 * it is the innermost function's frame that C++ Nix adds.
 */
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { intern, NO_SYMBOL, symbolName } from "../syntax/symbols.ts";
import type { LambdaExpr } from "../syntax/ast.ts";
import { attrPos, Attrs, getAttr } from "./attrs.ts";
import { type Shape } from "./shapes.ts";
import { enterCall, leaveCall } from "./depth.ts";
import { hint, NixError, typeError } from "./errors.ts";
import { typedValue } from "./print.ts";
import { type Code, force, NativeCode, settleSlot, type Thunk } from "./thunk.ts";
import { emptyEnv, type Env, Env1, Env2, EnvN, writeSlot } from "./env.ts";
import { Lambda, type LambdaCode, PartialLambda, Primop, PrimopApp, type Slot, type Value } from "./value.ts";

const FUNCTOR = intern("__functor");

/** Calls `fn` with one argument; `pos` is the call site. */
export function call1(fn: Value, a: Slot, pos: Pos): Value {
  enterCall(pos);
  let result: Value;
  if (fn instanceof Lambda && fn.code.arity === 1) result = runLambda1(fn, a, pos);
  else if (fn instanceof Primop && fn.arity === 1) result = runPrimop1(fn, a, pos);
  else result = apply(fn, [a], pos);
  leaveCall();
  return result;
}

/** Calls `fn` with two arguments, as `fn a b` does. */
export function call2(fn: Value, a: Slot, b: Slot, pos: Pos): Value {
  enterCall(pos);
  let result: Value;
  if (fn instanceof Lambda && fn.code.arity === 2) result = runLambda2(fn, a, b, pos);
  else if (fn instanceof Primop && fn.arity === 2) result = runPrimop2(fn, a, b, pos);
  else result = apply(fn, [a, b], pos);
  leaveCall();
  return result;
}

/** Calls `fn` with three arguments, as `fn a b c` does. */
export function call3(fn: Value, a: Slot, b: Slot, c: Slot, pos: Pos): Value {
  enterCall(pos);
  let result: Value;
  if (fn instanceof Primop && fn.arity === 3) result = runPrimop3(fn, a, b, c, pos);
  else if (fn instanceof Lambda && fn.code.arity === 3) result = runLambda3(fn, a, b, c, pos);
  else result = apply(fn, [a, b, c], pos);
  leaveCall();
  return result;
}

/** Calls `fn` with any number of arguments. The array may be kept. */
export function callN(fn: Value, args: readonly Slot[], pos: Pos): Value {
  enterCall(pos);
  const result = apply(fn, args, pos);
  leaveCall();
  return result;
}

/**
 * Returns the code of thunks that apply one function to their payload. One serves all elements of a `map`. As in C++ Nix,
 * such a thunk is no black hole while it runs: one that needs itself calls itself until the stack is full.
 */
export function application(fn: Slot): Code {
  return new NativeCode(runApplication, fn);
}

function runApplication(argument: Slot, code: NativeCode, pos: Pos, thunk: Thunk): Value {
  thunk.code = code;
  thunk.payload = argument;
  return call1(force(code.operand as Slot, pos), argument, pos);
}

/**
 * Returns the code of thunks that apply one function to a name and a value of a plain set, which the payload is the index of.
 * One serves all attributes of a `mapAttrs`, which makes more thunks than anything else in a package set.
 */
export function attrApplication(fn: Slot, attrs: Attrs): Code {
  return new NativeCode(runAttrApplication, fn, attrs);
}

/** A set that may not be plain, and the shape it would have. */
interface Source {
  readonly attrs: Attrs;
  readonly shape: Shape;
}

/** The same for a set that isn't plain; the payload is the index of a name in `shape`. */
export function lazyAttrApplication(fn: Slot, source: Source): Code {
  return new NativeCode(runLazyAttrApplication, fn, source);
}

/** Returns the function that thunks with this code apply, undefined if they do something else. */
export function appliedFunction(code: Code): Slot | undefined {
  if (!(code instanceof NativeCode)) return undefined;
  const { run, operand } = code;
  const applies = run === runApplication || run === runAttrApplication || run === runLazyAttrApplication;
  return applies ? operand as Slot : undefined;
}

function runAttrApplication(index: number, code: NativeCode, pos: Pos, thunk: Thunk): Value {
  thunk.code = code;
  thunk.payload = index;
  const { shape, values } = code.secondOperand as Attrs;
  const result = call2(force(code.operand as Slot, pos), symbolName(shape.names[index]), values[index], pos);
  settleSlot(values, index);
  return result;
}

function runLazyAttrApplication(index: number, code: NativeCode, pos: Pos, thunk: Thunk): Value {
  thunk.code = code;
  thunk.payload = index;
  const { attrs, shape } = code.secondOperand as Source;
  const name = shape.names[index];
  return call2(force(code.operand as Slot, pos), symbolName(name), getAttr(attrs, name)!, pos);
}

function runLambda1(fn: Lambda, a: Slot, pos: Pos): Value {
  const { code, env } = fn;
  const inner = code.bind === null ? code.direct === null ? new Env1(env, a) : null : code.bind(env, a, pos);
  try {
    return inner === null ? code.direct!(env, a) : code.body(inner);
  } catch (e) {
    throw inCall(e, code, pos);
  }
}

function runLambda2(fn: Lambda, a: Slot, b: Slot, pos: Pos): Value {
  const { code, env } = fn;
  try {
    return code.direct === null ? code.body(new Env2(env, a, b)) : code.direct(env, a, b);
  } catch (e) {
    throw inCall(e, code, pos);
  }
}

function runLambda3(fn: Lambda, a: Slot, b: Slot, c: Slot, pos: Pos): Value {
  const { code, env } = fn;
  try {
    return code.direct === null ? code.body(new EnvN(env, a, b, c, undefined, null)) : code.direct(env, a, b, c);
  } catch (e) {
    throw inCall(e, code, pos);
  }
}

function runPrimop1(fn: Primop, a: Slot, pos: Pos): Value {
  try {
    return fn.call(a);
  } catch (e) {
    throw inPrimop(e, fn, pos);
  }
}

function runPrimop2(fn: Primop, a: Slot, b: Slot, pos: Pos): Value {
  try {
    return fn.call(a, b);
  } catch (e) {
    throw inPrimop(e, fn, pos);
  }
}

function runPrimop3(fn: Primop, a: Slot, b: Slot, c: Slot, pos: Pos): Value {
  try {
    return fn.call(a, b, c);
  } catch (e) {
    throw inPrimop(e, fn, pos);
  }
}

/** Adds the frames of a call of a function written in Nix. */
function inCall(e: unknown, code: LambdaCode, pos: Pos): unknown {
  if (e instanceof NixError && code.showCalls()) {
    e.addFrame(code.inner.pos, hint`while calling ${quotedName(code.inner)}`);
    if (pos !== NO_POS) e.addFrame(pos, "from call site");
  }
  return e;
}

/** Adds the frame of a call of a built-in function. */
function inPrimop(e: unknown, fn: Primop, pos: Pos): unknown {
  if (fn.traced && e instanceof NixError) e.addFrame(pos, hint`while calling the '${fn.name}' builtin`);
  return e;
}

function quotedName(expr: LambdaExpr): string {
  return expr.name === NO_SYMBOL ? "anonymous lambda" : `'${symbolName(expr.name)}'`;
}

function apply(fn: Value, args: readonly Slot[], pos: Pos): Value {
  let current = fn;
  let done = 0;
  const n = args.length;
  while (done < n) {
    if (current instanceof Lambda) {
      const { code, env }: Lambda = current;
      const { arity } = code;
      if (arity === 1) {
        current = runLambda1(current, args[done++], pos);
      } else if (n - done >= arity) {
        current = runLambdaN(code, env, NO_ARGUMENTS, args, done, pos);
        done += arity;
      } else {
        return new PartialLambda(code, env, done === 0 ? args : args.slice(done));
      }
    } else if (current instanceof Primop) {
      const { arity } = current;
      if (n - done < arity) return new PrimopApp(current, done === 0 ? args : args.slice(done));
      current = runPrimopN(current, done === 0 && n === arity ? args : args.slice(done, done + arity), pos);
      done += arity;
    } else if (current instanceof PartialLambda) {
      const { code, env, args: held }: PartialLambda = current;
      const missing = code.arity - held.length;
      if (n - done < missing) return new PartialLambda(code, env, [...held, ...args.slice(done)]);
      current = runLambdaN(code, env, held, args, done, pos);
      done += missing;
    } else if (current instanceof PrimopApp) {
      const { primop, args: held }: PrimopApp = current;
      const missing = primop.arity - held.length;
      if (n - done < missing) return new PrimopApp(primop, [...held, ...args.slice(done)]);
      if (missing === 1 && held.length === 1) current = runPrimop2(primop, held[0], args[done], pos);
      else current = runPrimopN(primop, [...held, ...args.slice(done, done + missing)], pos);
      done += missing;
    } else {
      const functor: Slot | undefined = current instanceof Attrs ? getAttr(current, FUNCTOR) : undefined;
      if (functor === undefined) {
        throw typeError(
          "attempt to call something which is not a function but " + typedValue(current),
          pos,
        );
      }
      const functorPos = attrPos(current as Attrs, FUNCTOR);
      try {
        current = call2(force(functor, functorPos), current, args[done++], functorPos);
      } catch (e) {
        if (e instanceof NixError) {
          e.addFrame(pos, "while calling a functor (an attribute set with a '__functor' attribute)");
        }
        throw e;
      }
    }
  }
  return current;
}

const NO_ARGUMENTS: readonly Slot[] = [];

/** Runs a function with the arguments it held and one or more of `args` from `from` on, which are all it needs. */
function runLambdaN(
  code: LambdaCode,
  closure: Env,
  held: readonly Slot[],
  args: readonly Slot[],
  from: number,
  pos: Pos,
): Value {
  const { arity, direct } = code;
  const before = held.length;
  const env = emptyEnv(closure, arity);
  for (let i = 0; i < before; i++) writeSlot(env, i, held[i]);
  for (let i = before; i < arity; i++) writeSlot(env, i, args[from + i - before]);
  try {
    if (direct === null) return code.body(env);
    return arity === 2 ? direct(closure, env.a!, env.b!) : direct(closure, env.a!, env.b!, env.c!);
  } catch (e) {
    throw inCall(e, code, pos);
  }
}

function runPrimopN(fn: Primop, args: readonly Slot[], pos: Pos): Value {
  try {
    return args.length === 3 ? fn.call(args[0], args[1], args[2]) : fn.call(...args);
  } catch (e) {
    throw inPrimop(e, fn, pos);
  }
}
