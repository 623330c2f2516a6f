// `--jobs N`: several processes print what one would.
import { assertEquals, assertMatch } from "@std/assert";
import { ownHome } from "./own_home.ts";
import { FROM_SOURCES } from "./warm/differential.ts";

const SET = `
  let d = n: derivation { name = n; system = "x"; builder = "b"; src = builtins.toFile n n; }; in {
    a = d "a"; b = builtins.trace "b" (d "b"); c = builtins.trace "c" (throw "c"); e = d "e"; n = 1; s = builtins.warn "s" "s";
  }`;

const env = { ...ownHome(), NIX_REMOTE: "dummy://", DEVIX_WARM: "0" };

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(FROM_SOURCES[0], {
    args: [...FROM_SOURCES.slice(1), ...args],
    env,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout).replace(/"milliseconds":\d+/, ""), err: text(stderr) };
}

function attrs(names: string): string[] {
  return [...names].flatMap((name) => ["-A", name]);
}

const COMMANDS: readonly (readonly string[])[] = [
  ["eval", "-E", SET, ...attrs("nsanb")],
  ["eval", "--json", "-E", SET, ...attrs("abcde")],
  ["instantiate", "--dry-run", "--json", "--keep-going", "-E", SET, ...attrs("abcens")],
  ["instantiate", "--dry-run", "-E", SET, ...attrs("abce")],
  ["instantiate", "--dry-run", "-E", 'throw "root"', ...attrs("ab")],
];

for (const args of COMMANDS) {
  Deno.test(`${args.filter((arg) => arg.length < 20).join(" ")} prints the same with --jobs`, async () => {
    const [alone, three] = await Promise.all([run(...args), run(...args, "--jobs", "3")]);
    assertEquals(three, alone);
  });
}

Deno.test("instantiate --keep-going goes on after an attribute that nests too deep", async () => {
  const set = "{ a = let f = n: 1 + f n; in f 1; b = let g = n: if n == 0 then 1 else 1 + g (n - 1); in g 5000; }";
  const { code, out } = await run("instantiate", "--dry-run", "--json", "--keep-going", "-E", set, ...attrs("ab"));
  assertEquals(code, 1);
  assertEquals(JSON.parse(out.replace(/,?"stats".*/, "}")).results[1], { attr: "b", kind: "other", json: 5001 });
});

Deno.test("--jobs says once what is wrong with the command line", async () => {
  for (const attributes of ["", "abcdefgh"]) {
    const { code, out, err } = await run("eval", "-E", "1", ...attrs(attributes), "--jobs", "8", "--nonsense");
    assertEquals({ code, out }, { code: 2, out: "" });
    assertMatch(err, /^error: unrecognised flag '--nonsense'\nTry .*\n$/);
  }
  assertEquals((await run("eval", "-E", "1", "--jobs", "none")).code, 2);
});
