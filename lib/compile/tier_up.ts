/**
 * Hot functions as generated JavaScript.
 *
 * A function that has been called often gets its body translated to one JS function over the same environments, so
 * that both forms can be mixed freely: whatever the translation does not cover runs through its closure. What it gains is
 * the calls between closures, and the polymorphic caches in them; measured on loops up to 2.5 times. Often means ten
 * thousand times: V8 has to compile each of these functions from scratch, while closures share their code.
 *
 * One liberty: arithmetic on numbers at hand, as an argument of a call, is done at once instead of in a thunk. It cannot
 * fail; it shows only where a value is printed without being forced.
 */
import { type Expr, Kind, whole } from "../syntax/ast.ts";
import type { LambdaCode } from "../runtime/value.ts";
import { Generator, TooLarge } from "./_generator.ts";
import { type CompileContext, ExprCode, type Run } from "./code.ts";
import { GLOBAL_LEVEL } from "./resolve.ts";

/** Sums in thunks with fewer operators gain nothing, unless one of their operands is a call. */
const MIN_OPERATORS = 4;

/**
 * Whether an expression does what generated code does better than closures: decide, compare, add up, which for a function
 * that gets `args` arguments as they are needs no environment, or in others add up a lot. For making a set or a thunk or
 * calling something there is code that V8 has long since compiled; generated code takes it as long again (sort and
 * genericClosure took a sixth longer with it).
 */
function isWorthGenerating(expr: Expr, args: number): boolean {
  const e = whole(expr);
  switch (e.kind) {
    case Kind.If:
    case Kind.And:
    case Kind.Or:
    case Kind.Impl:
    case Kind.Not:
    case Kind.Eq:
    case Kind.NEq:
      return true;
    case Kind.Let:
      return isWorthGenerating(e.body, args);
    case Kind.ConcatStrings:
      return !e.forceString &&
        (args > 0 || operatorsIn(e) >= MIN_OPERATORS || e.parts.some((part) => isCallOfItsOwn(part.expr)));
    default:
      return false;
  }
}

/** Whether an expression calls a function of the program's: there V8 sees which one it is, as a closure for all calls doesn't. */
function isCallOfItsOwn(expr: Expr): boolean {
  const e = whole(expr);
  return e.kind === Kind.Call && !(e.fn.kind === Kind.Var && e.fn.level === GLOBAL_LEVEL);
}

/** How many operators a sum has one after the other. */
function operatorsIn(expr: Expr): number {
  let n = 0;
  for (let e = whole(expr); e.kind === Kind.ConcatStrings && !e.forceString; e = whole(e.parts[0].expr)) {
    n += e.parts.length - 1;
  }
  return n;
}

/**
 * Returns generated code for the body of a function, null where it is not worth it. It leaves it to `closure` close to the
 * limit of nested calls, where that of `==` and of arithmetic counts too.
 */
export function generateBody(body: Expr, closure: Run, cx: CompileContext): LambdaCode["body"] | null {
  return generate(body, closure, cx, 0);
}

/** {@link generateBody} for a function of one to three plain arguments, which gets them as they are. */
export function generateDirect(body: Expr, closure: Run, cx: CompileContext, args: number): LambdaCode["direct"] {
  return generate(body, closure, cx, args);
}

function generate(body: Expr, closure: Run, cx: CompileContext, args: number) {
  if (!cx.tierUpAll && !isWorthGenerating(body, args)) return null;
  try {
    return new Generator(cx, { args, thunkCode: (expr) => hotCode(expr, cx) }).body(body, closure);
  } catch (e) {
    if (e instanceof TooLarge) return null;
    throw e;
  }
}

/**
 * Returns the code of a thunk that generated code makes. Such a thunk is made as often as the function is called: if it
 * turns out to be evaluated as often, its expression is generated, too.
 */
function hotCode(expr: Expr, cx: CompileContext): ExprCode {
  const code = new ExprCode(expr, cx);
  if (!code.waits) return code;
  code.run = (env) => {
    const closure = cx.compile(expr);
    code.operand = null;
    let left = cx.tierUpAfter;
    code.run = (env) => {
      if (--left > 0) return closure(env);
      code.run = generateBody(expr, closure, cx) ?? closure;
      return code.run(env, code);
    };
    return closure(env);
  };
  return code;
}
