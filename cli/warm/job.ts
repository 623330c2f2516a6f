/**
 * One command, carried out by an evaluator that has done others before (`client.ts` asks for it, through `daemon.ts`).
 *
 * It is the very command a process of its own would run, on a {@link Process} that is the caller's: arguments, directory,
 * environment, umask, the look of its terminal. What stays from one job to the next is what V8 has learnt, what files were
 * compiled to, if they still say the same (they are read again and compared), and values, where these can't be told from
 * new ones (`world.ts`); answers too, with everything they were made from (`answers.ts`), which are checked like those of
 * any run.
 *
 * What a process of its own would print is printed, or nothing. Where values that stayed can't vouch for it the job is
 * done again without them, and what was printed isn't printed again. If that can't vouch for it either it is refused, and
 * the caller evaluates by itself. Where all of a set is evaluated, that goes in the order in which its names were first
 * seen (lib/syntax/symbols.ts), here perhaps in an earlier job: if that went wrong, or said something, it is doubtful, as
 * are lists of what came up in what order. What lies below /proc and /dev is the process's own, so who looks there is
 * refused too.
 */
import {
  encodeUtf8,
  errorCount,
  type Evaluator,
  lazy,
  restoreCallDepth,
  symbolCount,
  type SymbolOrder,
  Tracker,
  watchSymbols,
} from "../../mod.ts";
import type { RunParams, RunResult } from "../../serve/protocol.ts";
import type { CommandPort } from "../../serve/server.ts";
import { type AnswerSlot, answersTo } from "../answers.ts";
import { runCommand } from "../command.ts";
import { EVAL } from "../eval.ts";
import { INSTANTIATE } from "../instantiate.ts";
import { nixInstantiate } from "../nix_instantiate.ts";
import { after, afterTexts, type EvaluatorStore, HOST_FILES, type Process } from "../process.ts";
import { Recorder } from "../recorder.ts";
import { type World, type WorldJob, type WorldOptions, Worlds } from "./world.ts";

/** How many evaluators are kept, for different settings, search paths and homes. */
const MAX_EVALUATORS = 4;
/** Places that say something else to each process. */
const OWN_PLACES = /^\/(?:proc|dev|sys)(?:\/|$)/;

/** How values print that nobody has wanted yet. */
const UNEVALUATED = /«thunk»|\xc2\xabthunk\xc2\xbb|<CODE>|<unevaluated/;

/** How often a question that kept values couldn't vouch for is evaluated from the start before these are tried again. */
const NOT_TRIED = 8;
/** Of how many questions that is remembered. */
const MAX_DOUBTFUL = 1000;

/** Why a job that fails isn't done with kept values. The next one may not fail. */
const FAILS = "it fails";

/** Thrown when a job can't be vouched for. */
class Refusal extends Error {
  override name = "Refusal";
}

/** How a job is done next: with values that stay, of modules in pieces or whole ones, or without any. */
type Next = "in pieces" | "whole" | "alone";

/** A job, where its answer is kept, and where its output goes. */
interface Asked {
  readonly params: RunParams;
  readonly slot: AnswerSlot | undefined;
  readonly port: CommandPort;
}

/** Carries out jobs, one at a time. */
export class WarmJobs {
  readonly #evaluators = new Evaluators();
  readonly #worlds = new Worlds();
  /** Questions that values which stayed couldn't vouch for, and how often it isn't tried again. */
  readonly #doubtful = new Map<string, number>();
  /** Names that every process makes before it evaluates. */
  #ownSymbols: number | undefined;

  constructor() {
    reserveOrigins();
  }

  /** Forgets what was compiled, and all values. */
  forget(): void {
    this.#evaluators.clear();
    this.#worlds.clear();
  }

  run(params: RunParams, port: CommandPort): RunResult {
    try {
      enter(params);
    } catch (e) {
      return { refused: `cannot be where the caller is: ${e instanceof Error ? e.message : e}` };
    }
    this.#ownSymbols ??= symbolCount();
    if (params.ahead) return this.#runAhead(params);
    const slot = answersTo(params.args, { stderr: params.terminal, warm: true });
    const question = JSON.stringify([params.args, params.cwd]);
    // Where values are, they are looked at: that tells more than looking at what answers were made from.
    const isKnown = this.#worlds.knows(question) && !this.#doubtful.has(question);
    const code = isKnown ? undefined : this.#answer(slot, port);
    if (code !== undefined) return { code, answered: true };
    let printed = new Printed(port);
    for (let next: Next = this.#isHopeless(question) ? "alone" : "in pieces"; next !== "alone";) {
      const done: RunResult | Next = this.#runKept(question, { params, slot, port: printed }, {
        cutsModules: next === "in pieces",
      });
      if (typeof done === "object") return done;
      next = done;
      // Ending it has left it as deep as it was.
      restoreCallDepth(0);
      printed = new Printed(printed.again());
    }
    return this.#runAlone({ params, slot, port: printed });
  }

  /** Does a job so that code is compiled, and values are there, when it is asked for. */
  #runAhead(params: RunParams): RunResult {
    const { args } = params;
    const asked = { params: { ...params, args: withoutWriting(args) }, slot: undefined, port: NOBODY };
    // Values aren't kept of what writes, but what files were compiled to is.
    if (asked.params.args !== args) return this.#runAlone(asked);
    const question = JSON.stringify([args, params.cwd]);
    for (const cutsModules of this.#isHopeless(question) ? [] : [true, false]) {
      const done = this.#runKept(question, asked, { cutsModules });
      if (typeof done === "object") return done;
      restoreCallDepth(0);
      if (done === "alone") break;
    }
    return { refused: "values can't vouch for it" };
  }

  /** Does a job without values that stay. */
  #runAlone({ params, slot, port }: Asked): RunResult {
    const job = this.#job(params, port);
    try {
      const code = job.run(params, { slot, evaluators: this.#evaluators });
      return job.refusal === null ? { code } : { refused: job.refusal };
    } catch (e) {
      if (!(e instanceof Refusal)) this.#evaluators.clear();
      return { refused: job.refusal ?? (e instanceof Error ? `${e.name}: ${e.message}` : String(e)) };
    }
  }

  /** Whether it takes two evaluations to find out once more that one would have done. */
  #isHopeless(question: string): boolean {
    const left = this.#doubtful.get(question);
    if (left === undefined) return false;
    if (left > 1) this.#doubtful.set(question, left - 1);
    else this.#doubtful.delete(question);
    return true;
  }

  #noteDoubt(question: string): void {
    if (this.#doubtful.size >= MAX_DOUBTFUL) this.#doubtful.clear();
    this.#doubtful.set(question, NOT_TRIED);
  }

  #answer(slot: AnswerSlot | undefined, port: CommandPort): number | undefined {
    const started = performance.now();
    const answer = slot?.lookupNow();
    if (answer === undefined) return undefined;
    if (answer.err !== "") port.err(answer.err);
    if (answer.out.join("") !== "") port.out(answer.out.join(String(Math.round(performance.now() - started))));
    return 0;
  }

  #job(params: RunParams, port: CommandPort, worlds?: Worlds): Job {
    const { args } = params;
    // What is written to a store is told of in the order in which it was made.
    const order = args[0] === "instantiate" && args.includes("--json");
    return new Job(port, { order: watchSymbols(this.#ownSymbols!), json: order, worlds });
  }

  /** Does a job with the values that there are, or returns how it has to be done. */
  #runKept(question: string, { params, slot, port }: Asked, options: WorldOptions): RunResult | Next {
    const worlds = this.#worlds;
    const job = this.#job(params, port, worlds);
    try {
      return worlds.run(question, job, options, () => {
        const code = job.run(params, { slot, worlds });
        return worlds.current?.isUsed ? { code, kept: true } : { code };
      });
    } catch (e) {
      if (!(e instanceof Refusal)) worlds.clear();
      else if (job.isFirstInPieces) return "whole";
      else if (e.message !== FAILS) this.#noteDoubt(question);
      return "alone";
    }
  }
}

/** V8 sizes objects by what the first ones were given: thunks are to have room for their origin. */
function reserveOrigins(): void {
  new Tracker().run(() => {
    for (let i = 0; i < 16; i++) lazy(() => null);
  });
}

/** A port that knows how much was said through it. */
class Printed implements CommandPort {
  readonly #port: CommandPort;
  #counts = { out: 0, err: 0, passing: 0 };
  #stdin: string | null = null;

  constructor(port: CommandPort) {
    this.#port = port;
  }

  out(text: string): void {
    this.#counts.out += text.length;
    this.#port.out(text);
  }

  err(text: string): void {
    this.#counts.err += text.length;
    this.#port.err(text);
  }

  passing(text: string): void {
    this.#counts.passing++;
    this.#port.passing(text);
  }

  readStdin(): string {
    return this.#stdin ??= this.#port.readStdin();
  }

  /** Returns a port for who says the same again: that isn't said. */
  again(): CommandPort {
    const { out, err, passing } = this.#counts;
    return {
      out: after(out, (text) => this.#port.out(text)),
      err: after(err, (text) => this.#port.err(text)),
      passing: afterTexts(passing, (text) => this.#port.passing(text)),
      readStdin: () => this.readStdin(),
    };
  }
}

interface JobOptions {
  readonly order: SymbolOrder;
  /** Whether what is printed may list things in the order in which they came up. */
  readonly json: boolean;
  readonly worlds?: Worlds;
}

interface JobTools {
  readonly slot: AnswerSlot | undefined;
  readonly evaluators?: EvaluatorStore;
  readonly worlds?: Worlds;
}

class Job implements WorldJob {
  readonly #port: CommandPort;
  readonly #order: SymbolOrder;
  readonly #json: boolean;
  readonly #worlds: Worlds | undefined;
  readonly #errors = errorCount();
  #recorder: Recorder | undefined;
  refusal: string | null = null;
  /** Whether it was refused where there were no values yet, but files in pieces, of which more shows than of whole ones. */
  isFirstInPieces = false;

  constructor(port: CommandPort, { order, json, worlds }: JobOptions) {
    this.#port = port;
    this.#order = order;
    this.#json = json;
    this.#worlds = worlds;
  }

  run(params: RunParams, { slot, evaluators, worlds }: JobTools): number {
    const [name, ...args] = params.args;
    const process = { ...this.#process(args, params), evaluators, worlds };
    const recorder = this.#recorder = new Recorder(process, slot ?? NOWHERE);
    const code = name === "nix-instantiate"
      ? nixInstantiate({ ...recorder.process, recorder })
      : runCommand(name === "eval" ? EVAL : INSTANTIATE, { ...recorder.process, recorder });
    this.#vouch();
    return code;
  }

  #process(args: readonly string[], { cwd, env, colours, bars, columns }: RunParams): Process {
    return {
      ...HOST_FILES,
      args: args.map(encodeUtf8),
      env: (name) => Object.hasOwn(env, name) ? encodeUtf8(env[name]) : undefined,
      cwd: encodeUtf8(cwd),
      colours,
      terminal: bars,
      isStackChild: false,
      out: (text) => {
        this.#vouch({ order: this.#json, text });
        this.#port.out(text);
      },
      err: (text) => {
        this.#vouch({ text });
        this.#port.err(text);
      },
      passing: (text) => this.#port.passing(text),
      columns: () => columns,
      readStdin: () => this.#port.readStdin(),
    };
  }

  /** Throws unless what is about to be said is what any process would say. `order` is whether any order shows. */
  #vouch({ order = false, text }: { readonly order?: boolean; readonly text?: string } = {}): void {
    if (this.refusal !== null) throw new Refusal(this.refusal);
    const world = this.#worlds?.current;
    if (world?.isUsed || world?.hasPieces) this.#vouchFor(world);
    const { kept, doubtful, failuresDoubtful, depth } = this.#order;
    // What has been evaluated shows where nothing is evaluated for being printed.
    const shows = order || text !== undefined && UNEVALUATED.test(text);
    if (doubtful || depth > 0 || failuresDoubtful && errorCount() !== this.#errors || shows && !kept) {
      this.refuse("names came up in another order");
    }
    if (this.#recorder?.sees((path) => OWN_PLACES.test(path))) this.refuse("it looks at what is the process's own");
    // The time is a constant; here it waits to be asked for.
    if (text?.includes("currentTime = ")) this.refuse("it prints the time");
  }

  #vouchFor(world: World): void {
    if (world.seesLaziness) this.refuse("it shows what was evaluated before");
    if (world.inputs.usesClock) this.refuse("it asks for the time");
    if (world.hasFailed) this.refuse(FAILS);
  }

  /** Called when the job gets values of others: of these it isn't known when their names came up. */
  onUsed(): void {
    this.#order.unknown = true;
  }

  /** Ends the job. */
  refuse(reason: string): never {
    this.refusal = reason;
    const world = this.#worlds?.current;
    this.isFirstInPieces = !!world && world.cutsModules && world.hasPieces && !world.isUsed;
    throw new Refusal(reason);
  }
}

/** Nothing is kept of what isn't a question. */
const NOWHERE: AnswerSlot = {
  path: "",
  lookup: () => Promise.resolve(undefined),
  lookupNow: () => undefined,
  keep: () => {},
};

/** Who a job is done ahead for. */
const NOBODY: CommandPort = {
  out: () => {},
  err: () => {},
  passing: () => {},
  readStdin: () => {
    throw new Refusal("it reads standard input");
  },
};

/** Flags of nix-instantiate with which it writes nothing, unless it is told to. */
const ONLY_LOOKS = /^--(?:eval|eval-only|parse|parse-only|find-file|dry-run)$/;

/** Returns a command line that evaluates the same and writes nothing: the very same if it writes nothing anyway. */
function withoutWriting(args: readonly string[]): readonly string[] {
  const [name, ...rest] = args;
  const looks = name === "eval" || rest.some((arg) => (name === "instantiate" ? /^--dry-run$/ : ONLY_LOOKS).test(arg));
  if (looks && !rest.includes("--read-write-mode")) return args;
  return [name, "--dry-run", ...rest.filter((arg) => arg !== "--read-write-mode")];
}

/** Makes this process see what the caller sees. */
function enter({ cwd, env, umask }: RunParams): void {
  for (const name of Object.keys(Deno.env.toObject())) if (!Object.hasOwn(env, name)) Deno.env.delete(name);
  for (const [name, value] of Object.entries(env)) if (Deno.env.get(name) !== value) Deno.env.set(name, value);
  Deno.chdir(cwd);
  Deno.umask(umask);
}

/** Evaluators between their jobs. */
class Evaluators implements EvaluatorStore {
  /** The one used last comes last. */
  readonly #kept = new Map<string, Evaluator>();

  take(key: string): Evaluator | undefined {
    const evaluator = this.#kept.get(key);
    this.#kept.delete(key);
    return evaluator;
  }

  put(key: string, evaluator: Evaluator): void {
    this.#kept.delete(key);
    this.#kept.set(key, evaluator);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_EVALUATORS) break;
      this.#kept.delete(oldest);
    }
  }

  clear(): void {
    this.#kept.clear();
  }
}
