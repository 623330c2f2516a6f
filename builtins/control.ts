/**
 * Evaluation order, errors, and what is said along the way.
 *
 * Whoever catches an error restores the call depth, which errors leave raised.
 */
import { Attrs } from "../lib/runtime/attrs.ts";
import { shapeOf } from "../lib/runtime/shapes.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { coerceToString, type CopyToStore, WEAK } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { callDepth, restoreCallDepth } from "../lib/runtime/depth.ts";
import { evalError, hint, NixError } from "../lib/runtime/errors.ts";
import { forceString } from "../lib/runtime/expect.ts";
import { forceDeep } from "../lib/runtime/force_deep.ts";
import type { EvalLog } from "../lib/runtime/log.ts";
import { PRINT_ALL, printValue } from "../lib/runtime/print.ts";
import type { EvalSettings } from "../lib/runtime/settings.ts";
import { force } from "../lib/runtime/thunk.ts";
import { isString, type Slot, stringText, type Value } from "../lib/runtime/value.ts";
import { NO_POS } from "../lib/syntax/positions.ts";
import { intern } from "../lib/syntax/symbols.ts";

/** What the builtins of this family need. */
export interface ControlDeps {
  readonly settings: Pick<EvalSettings, "traceVerbose" | "abortOnWarn">;
  readonly log: EvalLog;
  /** For messages that are paths. */
  readonly copyToStore: CopyToStore;
}

function tryEval(e: Slot): Value {
  const depth = callDepth();
  // Interned here, because the order in which names are first seen is visible.
  const shape = shapeOf([intern("value"), intern("success")]);
  try {
    force(e);
    return new Attrs(shape, [e, true]);
  } catch (error) {
    if (!(error instanceof NixError) || (error.kind !== "throw" && error.kind !== "assert")) throw error;
    restoreCallDepth(depth);
    return new Attrs(shape, [false, false]);
  }
}

function addErrorContext(message: Slot, e: Slot): Value {
  const depth = callDepth();
  try {
    return force(e);
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    restoreCallDepth(depth);
    const words = "while evaluating the error message passed to builtins.addErrorContext";
    throw error.addFrame(NO_POS, coerceToString(message, new ContextBuilder(), WEAK, words), true);
  }
}

function seq(e1: Slot, e2: Slot): Value {
  force(e1);
  return force(e2);
}

function deepSeq(e1: Slot, e2: Slot): Value {
  forceDeep(e1);
  return force(e2);
}

function second(_e1: Slot, e2: Slot): Value {
  return force(e2);
}

/** Returns `break`, `abort`, `throw`, `addErrorContext`, `tryEval`, `seq`, `deepSeq`, `trace`, `warn`, `traceVerbose`. */
export function controlBuiltins({ settings, log, copyToStore }: ControlDeps): readonly Builtin[] {
  const coercion = { strong: false, copy: copyToStore };

  const trace = (e1: Slot, e2: Slot): Value => {
    const v = force(e1);
    log.trace(isString(v) ? stringText(v) : printValue(v, PRINT_ALL));
    return force(e2);
  };

  const warn = (e1: Slot, e2: Slot): Value => {
    const words = "while evaluating the first argument; the message passed to builtins.warn";
    log.warn(stringText(forceString(e1, words)), { fromExpr: true });
    if (settings.abortOnWarn) throw evalError("aborting to reveal stack trace of warning, as abort-on-warn is set");
    return force(e2);
  };

  const abort = (s: Slot): Value => {
    const words = "while evaluating the error message passed to builtins.abort";
    const text = coerceToString(s, new ContextBuilder(), coercion, words);
    throw new NixError("abort", hint`evaluation aborted with the following error message: '${text}'`);
  };

  const throw_ = (s: Slot): Value => {
    const words = "while evaluating the error message passed to builtin.throw";
    throw new NixError("throw", coerceToString(s, new ContextBuilder(), coercion, words));
  };

  return [
    {
      name: "traceVerbose",
      params: ["e1", "e2"],
      doc: "Is `trace` if the setting `trace-verbose` is on; otherwise returns *e2* and ignores *e1*.",
      call: settings.traceVerbose ? trace : second,
    },
    {
      name: "break",
      bare: true,
      params: ["v"],
      doc: "Returns *v*. (There is no debugger to stop in.)",
      untraced: true,
      call: (v: Slot) => force(v),
    },
    {
      name: "abort",
      bare: true,
      params: ["s"],
      doc: "Ends the evaluation with the error message *s*. `tryEval` does not catch it.",
      call: abort,
    },
    {
      name: "throw",
      bare: true,
      params: ["s"],
      doc: "Fails with the error message *s*. `tryEval` catches it.",
      call: throw_,
    },
    {
      name: "addErrorContext",
      params: ["message", "e"],
      doc: "Returns *e*; if its evaluation fails, *message* joins the error's trace.",
      untraced: true,
      call: addErrorContext,
    },
    {
      name: "tryEval",
      params: ["e"],
      doc:
        "Evaluates *e* (not what is inside it) and returns `{ success = true; value = e; }`, or `{ success = false; value = false; }` if that failed by `throw` or `assert`. Other errors are not caught.",
      call: tryEval,
    },
    {
      name: "seq",
      params: ["e1", "e2"],
      doc: "Evaluates *e1*, then returns *e2*.",
      call: seq,
    },
    {
      name: "deepSeq",
      params: ["e1", "e2"],
      doc: "Evaluates *e1* with everything inside it, then returns *e2*.",
      call: deepSeq,
    },
    {
      name: "trace",
      params: ["e1", "e2"],
      doc: "Prints *e1* to standard error, then returns *e2*.",
      call: trace,
    },
    {
      name: "warn",
      params: ["e1", "e2"],
      doc: "Prints the string *e1* to standard error as a warning, then returns *e2*. Fails if `abort-on-warn` is set.",
      call: warn,
    },
  ];
}
