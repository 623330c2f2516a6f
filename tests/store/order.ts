/**
 * Watches what an evaluation makes: nothing may be named before all it refers to.
 *
 *     deno run -A --v8-flags=--stack-size=600000 tests/store/order.ts FILE.nix   (after ulimit -s unlimited)
 */
import { ContextBuilder, DEFAULT_SETTINGS, type KnownPathsObserver, Session, toJson } from "../../mod.ts";

/** What was seen. */
export interface Order {
  readonly derivations: number;
  readonly others: number;
  /** Paths that were named before something they refer to, with that. */
  readonly early: readonly (readonly [path: string, reference: string])[];
}

/** Evaluates an expression deeply and returns in which order it named paths. */
export function watchOrder(expr: string, currentDir = "/"): Order {
  const seen = new Set<string>();
  const early: [string, string][] = [];
  let derivations = 0;
  const see = (path: string, references: Iterable<string>) => {
    for (const reference of references) if (!seen.has(reference)) early.push([path, reference]);
    seen.add(path);
  };
  const observer: KnownPathsObserver = {
    onDerivation({ path, references }) {
      derivations++;
      see(path, references);
    },
    onSource: ({ path, references }) => see(path, references),
    onText: ({ path, references }) => see(path, references),
    onFetch: ({ path }) => see(path, []),
  };
  const log = { trace: () => {}, warn: () => {}, message: () => {} };
  const session = new Session({
    settings: DEFAULT_SETTINGS,
    log,
    currentDir,
    observer,
  });
  const value = session.evaluate(session.parse(expr, { kind: "string" }));
  toJson(value, new ContextBuilder(), { strict: true, copy: session.copyToStore });
  return { derivations, others: seen.size - derivations, early };
}

if (import.meta.main) {
  const { derivations, others, early } = watchOrder(`import ${Deno.realPathSync(Deno.args[0])}`);
  console.log(`${derivations} derivations and ${others} other paths, ${early.length} named too early`);
  for (const [path, reference] of early.slice(0, 10)) console.log(`${path} before ${reference}`);
  Deno.exit(early.length === 0 ? 0 : 1);
}
