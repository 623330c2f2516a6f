/**
 * The evaluators of the background process, and which of them does what.
 *
 * A job goes to an evaluator that is free and has done something before. There is none in the beginning, or where others
 * keep them busy: then the caller is the quickest to do it, and one gets ready for the next time meanwhile, by doing it
 * *ahead*, for nobody. It does so too where the answer was known, and not the values that it is made of. One at a time, and
 * of what waits for that only what was asked last, so that no more than one processor is busy with it.
 *
 * An evaluator that refused a job because of what it did before stays what it is, and the next job of that kind gets one
 * that has done nothing else.
 */
import type { RunParams } from "../../serve/protocol.ts";
import { Evaluator, questionOf } from "./evaluator.ts";
import { startVariables } from "./place.ts";

/** How many evaluators there may be. */
const MAX_EVALUATORS = Math.max(2, Math.min(4, navigator.hardwareConcurrency));
/** What evaluators may use together, in bytes, while they do nothing; DEVIX_WARM_MEMORY, in MiB, changes it. */
const MAX_BYTES = Math.max(1 << 30, Deno.systemMemoryInfo().total / 4);
/**
 * For how many milliseconds an evaluator has to have worked before it is asked what it hasn't been asked yet; DEVIX_WARM_AFTER
 * changes it. V8 has compiled what matters by then: hello takes it 500. What takes less is quicker in a process of its own.
 */
const WARM_AFTER_MS = 300;

/** How many times as long as a process of its own an evaluator takes, which notes what values depend on (1.4 to 2.2). */
const AHEAD_TAKES = 2;

/** A job to be done ahead. */
interface Wish {
  readonly job: RunParams;
  /** Whether those that did such jobs were all busy with what somebody waited for. */
  readonly another: boolean;
  /** How long it took somebody else, in milliseconds, if that has evaluated it. */
  readonly took?: number;
}

/** A job that is done ahead. */
interface Ahead {
  readonly evaluator: Evaluator;
  readonly question: string;
  readonly started: number;
  readonly took: number | undefined;
  readonly done: Promise<void>;
}

/** How many jobs were done, and what became of them. */
export interface JobCounts {
  jobs: number;
  refused: number;
  /** For how many values of others were of use. */
  kept: number;
}

/** What is known of an evaluator. */
export interface EvaluatorStatus {
  readonly pid: number;
  readonly state: "idle" | "busy" | "getting ready";
  readonly jobs: number;
  readonly bytes: number;
}

/** The evaluators. */
export class EvaluatorPool {
  readonly counts: JobCounts = { jobs: 0, refused: 0, kept: 0 };
  readonly #maxBytes = Number(Deno.env.get("DEVIX_WARM_MEMORY")) * 2 ** 20 || MAX_BYTES;
  readonly #warmAfterMs = Number(Deno.env.get("DEVIX_WARM_AFTER") || WARM_AFTER_MS);
  /** Used last, last. */
  #evaluators: Evaluator[] = [];
  /** Questions that were refused because of what the evaluator had done before. */
  readonly #particular = new Set<string>();
  /** Questions whose values take more memory than there may be. */
  readonly #tooLarge = new Set<string>();
  #ahead: Ahead | undefined;
  #wish: Wish | undefined;

  /** Starts an evaluator, which has time to load until there is something to do; undefined if the host doesn't let it. */
  start(env: RunParams["env"]): Evaluator | undefined {
    try {
      const evaluator = new Evaluator(env);
      this.#evaluators.push(evaluator);
      return evaluator;
    } catch {
      return undefined;
    }
  }

  /** If an evaluator gets ready for a job, and sooner than the caller could do it, what ends when it is; else undefined. */
  soonReadyFor(job: RunParams): Promise<void> | undefined {
    if (this.#ahead?.question !== questionOf(job)) return undefined;
    const { started, took, done } = this.#ahead;
    const isSooner = took === undefined || performance.now() - started > (AHEAD_TAKES - 1) * took;
    return isSooner ? done : undefined;
  }

  /** Returns an evaluator that has a job from now on; undefined if the caller is quicker. */
  take(job: RunParams): Evaluator | undefined {
    const question = questionOf(job);
    if (this.#ahead?.question === question) return undefined;
    const found = this.#idleFor(
      job,
      ({ workedMs, questions }) => workedMs >= this.#warmAfterMs || questions.has(question),
    );
    found?.take(job);
    return found;
  }

  /** Carries out an evaluator's job, which somebody waits for; hands on all that it says. */
  async run(evaluator: Evaluator, onLine: (line: string) => Promise<void>): Promise<void> {
    this.counts.jobs++;
    const job = evaluator.job!;
    try {
      const last = await evaluator.run(onLine);
      if (last?.includes('"kept":true')) this.counts.kept++;
      if (last?.includes('"refused"')) this.counts.refused++;
      this.#noteRefusal(job, last);
      if (last?.includes('"answered":true')) this.getReadyFor({ job, another: false });
    } finally {
      this.#retain();
      this.#getReady();
    }
  }

  /** Whether whoever does such jobs is at one that somebody waits for. */
  isCrowded({ env }: RunParams): boolean {
    const variables = startVariables(env);
    return this.#living().some((each) => each.busy && each !== this.#ahead?.evaluator && each.variables === variables);
  }

  /** Has an evaluator get ready for a job that somebody else has just done. */
  getReadyFor(wish: Wish): void {
    if (this.#tooLarge.has(questionOf(wish.job))) return;
    this.#wish = wish;
    this.#getReady();
  }

  #getReady(): void {
    if (this.#ahead !== undefined || this.#wish === undefined) return;
    const { job, another, took } = this.#wish;
    const evaluator = another && this.#living().length < MAX_EVALUATORS
      ? this.#startFor(job)
      : this.#idleFor(job) ?? this.#startFor(job);
    if (evaluator === undefined) {
      // When one of them has done what it does; if none does anything there is none to be had.
      if (!this.#evaluators.some(({ busy }) => busy)) this.#wish = undefined;
      return;
    }
    this.#wish = undefined;
    evaluator.take({ ...job, ahead: true });
    const done = this.#runAhead(evaluator, job);
    this.#ahead = { evaluator, question: questionOf(job), started: performance.now(), took, done };
  }

  async #runAhead(evaluator: Evaluator, job: RunParams): Promise<void> {
    // An evaluator that dies of it is replaced when there is something to do.
    const last = await evaluator.run(async () => {}).catch(() => undefined);
    this.#noteRefusal(job, last);
    this.#ahead = undefined;
    const isThere = !evaluator.ended;
    this.#retain();
    if (isThere && evaluator.ended) this.#tooLarge.add(questionOf(job));
    this.#getReady();
  }

  #noteRefusal(job: RunParams, last: string | undefined): void {
    if (last?.includes('"refused"') && last.includes("another order")) this.#particular.add(questionOf(job));
  }

  /** Returns an evaluator that does nothing, one with the values of the question if there is one. */
  #idleFor(job: RunParams, isWanted: (evaluator: Evaluator) => boolean = () => true): Evaluator | undefined {
    const variables = startVariables(job.env);
    const question = questionOf(job);
    const idle = this.#living().filter((each) => !each.busy && each.variables === variables && isWanted(each));
    const found = this.#particular.has(question)
      ? idle.findLast(({ first }) => (first ?? question) === question)
      : idle.findLast(({ first }) => first === question) ??
        idle.findLast(({ questions }) => questions.has(question)) ?? idle.at(-1);
    if (found !== undefined) this.#evaluators = [...this.#evaluators.filter((each) => each !== found), found];
    return found;
  }

  /** Returns a new evaluator, for which one that does nothing may have to go; undefined if there is none to be had. */
  #startFor({ env }: RunParams): Evaluator | undefined {
    if (this.#living().length >= MAX_EVALUATORS) {
      const idle = this.#evaluators.findIndex(({ busy }) => !busy);
      if (idle < 0) return undefined;
      this.#evaluators.splice(idle, 1)[0].kill();
    }
    return this.start(env);
  }

  #living(): readonly Evaluator[] {
    return this.#evaluators = this.#evaluators.filter(({ ended }) => !ended);
  }

  /** Ends evaluators until the rest use no more than they may: those used last stay. */
  #retain(): void {
    let bytes = 0;
    for (const evaluator of this.#living().toReversed()) {
      bytes += evaluator.bytes;
      if (bytes > this.#maxBytes && !evaluator.busy) evaluator.kill();
    }
  }

  /** Whether some evaluator does something, or is about to. */
  get isBusy(): boolean {
    return this.#wish !== undefined || this.#evaluators.some(({ busy }) => busy);
  }

  /** Ends all evaluators when they have done what somebody waits for. */
  async end(): Promise<void> {
    this.#wish = undefined;
    this.#ahead?.evaluator.kill();
    await this.settled();
    for (const evaluator of this.#evaluators) evaluator.kill();
  }

  /** Returns when no evaluator does anything. */
  async settled(): Promise<void> {
    while (this.isBusy) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** What is known of each evaluator. */
  statuses(): readonly EvaluatorStatus[] {
    return this.#living().map((each) => {
      const { pid, busy, jobs, bytes } = each;
      return { pid, state: !busy ? "idle" : each === this.#ahead?.evaluator ? "getting ready" : "busy", jobs, bytes };
    });
  }
}
