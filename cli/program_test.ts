import { assertEquals } from "@std/assert";
import { isTiny } from "./program.ts";

Deno.test("isTiny() knows what is evaluated at once", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const file = async (name: string, text: string) => {
      await Deno.writeTextFile(`${dir}/${name}`, text);
      return `${dir}/${name}`;
    };
    const tiny = await file("tiny.nix", "1 + 1");
    const large = await file("large.nix", `1 + 1 # ${"x".repeat(256)}`);
    const imports = await file("imports.nix", "import ./large.nix");
    for (
      const words of [["-E", "1 + 1"], ["--strict", tiny], [tiny, "-A", "a.b"], ["--expr", "x", "--argstr", "x", "y"]]
    ) {
      assertEquals(isTiny(words), true, words.join(" "));
    }
    for (
      const words of [
        [],
        ["-A", "hello"],
        [large],
        [imports],
        [dir],
        [tiny, "--arg", "path", dir],
        ["-E", "import ./a.nix"],
        ["-E", "(<nixpkgs>)"],
        ["-E", "x".repeat(256)],
        ["nixpkgs#hello"],
      ]
    ) assertEquals(isTiny(words), false, words.join(" "));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
