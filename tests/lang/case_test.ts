import { assertEquals, assertThrows } from "@std/assert";
import { commandArguments, discoverCases, parseDirectives, readExpectation, writeExpectation } from "./case.ts";

Deno.test("parseDirectives() reads leading test comments only", () => {
  const directives = parseDirectives("# test: json\n# test: env A=b=c\n1\n# test: xml\n");
  assertEquals(directives.output, "json");
  assertEquals(directives.env, { A: "b=c" });
});

Deno.test("parseDirectives() gives the plain strict run without directives", () => {
  const { output, strict, location, stdin, compareStderr, options, env, args } = parseDirectives("1\n");
  assertEquals([output, strict, location, stdin, compareStderr], ["plain", true, true, false, false]);
  assertEquals([options, env, args], [[], {}, []]);
});

Deno.test("parseDirectives() refuses unknown and malformed directives", () => {
  for (const line of ["# test: jsno", "# test: option key", "# test: env =x", "# test: attr"]) {
    assertThrows(() => parseDirectives(line + "\n"), SyntaxError, "Cannot parse directive");
  }
});

Deno.test("commandArguments() turns directives into flags before the file", () => {
  const source =
    "# test: xml\n# test: no-location\n# test: pure\n# test: arg n 1 + 2\n# test: include a=b\n# test: attr x.y\n";
  assertEquals(commandArguments({ name: "a/b", file: "a/b.nix", directives: parseDirectives(source) }), [
    ..."--eval --strict --xml --no-location --option pure-eval true --show-trace --arg n".split(" "),
    "1 + 2",
    ..."-I a=b -A x.y a/b.nix".split(" "),
  ]);
});

Deno.test("commandArguments() reads standard input as -", () => {
  const lang = { name: "a", file: "a.nix", directives: parseDirectives("# test: stdin\n# test: parse\n") };
  assertEquals(commandArguments(lang), ["--parse", "--show-trace", "-"]);
});

Deno.test("discoverCases() skips underscored folders and sorts by name", async () => {
  const corpus = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${corpus}/b/_files`, { recursive: true });
    for (const file of ["b/two.nix", "b/one.nix", "b/_files/helper.nix", "a.nix", "b/one.exp"]) {
      await Deno.writeTextFile(`${corpus}/${file}`, "1\n");
    }
    assertEquals((await discoverCases(corpus)).map((lang) => lang.name), ["a", "b/one", "b/two"]);
  } finally {
    await Deno.remove(corpus, { recursive: true });
  }
});

Deno.test("writeExpectation() replaces files and says whether anything changed", async () => {
  const corpus = await Deno.makeTempDir();
  try {
    const lang = { name: "a", file: "a.nix", directives: parseDirectives("") };
    assertEquals(await writeExpectation(corpus, lang, { exp: "\xff\n", err: null, stderr: null }), true);
    assertEquals(await writeExpectation(corpus, lang, { exp: "\xff\n", err: null, stderr: null }), false);
    assertEquals(await Deno.readFile(`${corpus}/a.exp`), new Uint8Array([255, 10]));
    assertEquals(await writeExpectation(corpus, lang, { exp: null, err: "throw\nx\n", stderr: null }), true);
    assertEquals(await readExpectation(corpus, lang), { exp: null, err: "throw\nx\n", stderr: null });
  } finally {
    await Deno.remove(corpus, { recursive: true });
  }
});
