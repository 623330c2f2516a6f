import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { compareVariants } from "./lang/optimisations.ts";

const corpus = fromFileUrl(new URL("../testdata/lang", import.meta.url));

// All of the corpus: deno task optimisations. Deno 2.6 takes the C library, which stays loaded, for a leak.
Deno.test("no optimisation changes an outcome (every 23rd case)", { sanitizeResources: false }, async () => {
  assertEquals((await compareVariants(corpus, 23)).differing, []);
});
