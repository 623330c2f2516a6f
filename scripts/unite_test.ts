import { assertEquals } from "@std/assert";
import { loadedWith, unite } from "./unite.ts";

/** `main.js` loads the others at once, but for `later.js`. */
const TEXTS: readonly (readonly [name: string, text: string])[] = [
  [
    "main.js",
    'import {\n  count,\n  tag as tagOf\n} from "./chunk-A.js";\nimport "./chunk-B.js";\n' +
    'var { tag } = await import("./later.js");\nvar main = () => [count(), count(), tagOf, tag(), globalThis.loaded];\n' +
    "export {\n  main\n};\n",
  ],
  [
    "chunk-A.js",
    'import {\n  tag\n} from "./chunk-B.js";\nvar counted = 0;\nfunction count() {\n  return ++counted;\n}\n' +
    "export {\n  count,\n  tag\n};\n",
  ],
  [
    "chunk-B.js",
    '(globalThis.loaded ??= []).push("B");\nvar tag2 = "of B";\nvar tag = () => import("./later.js");\n' +
    "export {\n  tag as own,\n  tag2 as tag\n};\n",
  ],
  ["chunk-C.js", 'import "./chunk-B.js";\n(globalThis.loaded ??= []).push("C");\n'],
  [
    "later.js",
    'import {\n  count\n} from "./chunk-A.js";\nimport {\n  own\n} from "./chunk-B.js";\n' +
    "var tag = () => [count(), typeof own];\nexport {\n  tag\n};\n",
  ],
];

async function valueOf(texts: ReadonlyMap<string, string>): Promise<unknown> {
  const directory = await Deno.makeTempDir({ prefix: "devix-unite-" });
  try {
    for (const [name, text] of texts) await Deno.writeTextFile(`${directory}/${name}`, text);
    const { main } = await import(`file://${directory}/main.js`);
    return main();
  } finally {
    await Deno.remove(directory, { recursive: true });
    delete (globalThis as { loaded?: unknown }).loaded;
  }
}

Deno.test("loadedWith() follows what is imported at once", () => {
  const texts = new Map(TEXTS);
  assertEquals([...loadedWith(["main.js"], texts)].sort(), ["chunk-A.js", "chunk-B.js", "main.js"]);
  assertEquals([...loadedWith(["chunk-C.js"], texts)].sort(), ["chunk-B.js", "chunk-C.js"]);
});

Deno.test("unite() leaves one file, which is loaded once, and what each did", async () => {
  const texts = new Map(TEXTS);
  const expected = await valueOf(texts);
  assertEquals(expected, [1, 2, "of B", [3, "function"], ["B"]]);
  await unite(texts, "united.js", new Set(["chunk-A.js", "chunk-B.js", "chunk-C.js"]));
  assertEquals([...texts.keys()].sort(), ["later.js", "main.js", "united.js"]);
  assertEquals(await valueOf(texts), [1, 2, "of B", [3, "function"], ["B", "C"]]);
});

Deno.test("unite() may be given what imports a file that was united before", async () => {
  const texts = new Map(TEXTS);
  await unite(texts, "first.js", new Set(["chunk-B.js"]));
  await unite(texts, "second.js", new Set(["chunk-A.js"]));
  assertEquals([...texts.keys()].sort(), ["chunk-C.js", "first.js", "later.js", "main.js", "second.js"]);
  assertEquals(await valueOf(texts), [1, 2, "of B", [3, "function"], ["B"]]);
});
