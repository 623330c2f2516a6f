/**
 * The V8 flags devix runs with: baked into the binary by scripts/compile.ts, passed by the tasks in deno.json (a test
 * compares), and given to the child that `stack.ts` may start.
 *
 * - The evaluator recurses on the native stack. V8 takes its limit when the process starts and never again: setting it
 *   later through `node:v8` changes nothing, for scripts, contexts or workers, in Deno 2.6 and 2.9, and a compiled
 *   program doesn't read DENO_V8_FLAGS. So the flag is always on and `stack.ts` sees to it that there is such a stack.
 * - The old generation isn't collected before it has 2 GiB, more than a NixOS system or all of corepkgs: nearly all that a
 *   lazy evaluator allocates survives, until a package set is called again and again. The young one has 4 MiB: no more than
 *   stays in the processor's caches. What was measured is in docs/performance.md; only recursion some 100,000 levels deep,
 *   whose stack each collection goes through, would be quicker with more.
 * - What survives one young collection becomes old at once, instead of being copied a second time. V8 has no other flag for
 *   that than one of its tests', which decides by lot with a probability in percent.
 * - TurboFan takes what has run 60,000 times instead of 3,000: most of what is hot in a package set isn't for long, and its
 *   compiler is a third of all processor time. Loops are in Maglev's code before and lose nothing measurable.
 * - Both compilers put half as much and a quarter of what they would into one function: closures call closures, and more of
 *   it takes longer to compile than it saves.
 * - Inline caches know five kinds of objects instead of four: to V8 strings are of five (as made, interned, joined, cut out of
 *   others, the same as an interned one), and their lengths were looked up in a table.
 */

/** How much of the native stack V8 uses on Linux, in KiB. */
export const STACK_SIZE_KIB = 600_000;

/**
 * The same where the main thread's stack can't be raised. Most systems give it 8 MiB; the default max-call-depth of 10,000
 * calls and nixpkgs fit.
 */
const SMALL_STACK_SIZE_KIB = 7_000;

/** All flags on Linux, as `--v8-flags` takes them: joined by commas. */
export const V8_FLAGS: readonly string[] = [
  `--stack-size=${STACK_SIZE_KIB}`,
  "--min-semi-space-size=4",
  "--max-semi-space-size=4",
  "--scavenger-chaos-mode",
  "--scavenger-chaos-mode-threshold=100",
  "--initial-old-space-size=2048",
  "--max-old-space-size=16384",
  "--invocation-count-for-turbofan=60000",
  "--max-inlined-bytecode-size-cumulative=460",
  "--max-maglev-inlined-bytecode-size-cumulative=230",
  "--max-valid-polymorphic-map-count=5",
];

/**
 * What processes that stay and evaluate again and again have besides, where it can be told them: a binary has what it was
 * made with. What most jobs make fits into the young generation, which is collected between jobs (serve.ts) and not while
 * somebody waits for one: a devenv shell after an edit takes 26 ms instead of 39. The old one is left alone up to where
 * such a process ends anyway: marking the 1.2 GB of a NixOS system takes the next job 2 s.
 */
export const RESIDENT_FLAGS: readonly string[] = [
  "--min-semi-space-size=32",
  "--max-semi-space-size=32",
  "--initial-old-space-size=4096",
  "--expose-gc",
];

/** Returns the flags for an operating system, in Deno's words. */
export function v8FlagsFor(os: string): readonly string[] {
  if (os === "linux") return V8_FLAGS;
  return [`--stack-size=${SMALL_STACK_SIZE_KIB}`, ...V8_FLAGS.filter((flag) => !flag.startsWith("--stack-size="))];
}
