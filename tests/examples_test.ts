// The examples of the README come to what C++ Nix makes of them.
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { runFake } from "../cli/_test_process.ts";
import { runCommand } from "../cli/command.ts";
import { EVAL } from "../cli/eval.ts";
import { INSTANTIATE } from "../cli/instantiate.ts";
import { encodeUtf8 } from "../mod.ts";

const examples = encodeUtf8(fromFileUrl(new URL("../examples/", import.meta.url)));
const linux = ["--argstr", "system", "x86_64-linux"];

Deno.test("examples/shell.nix describes its shell", () => {
  const args = ["--raw", `${examples}shell.nix`, "-A", "summary", ...linux];
  const { code, out, err } = runFake((process) => runCommand(EVAL, process), args);
  assertEquals([code, err], [0, ""]);
  assertEquals(
    out,
    `A shell for x86_64-linux with 2 packages, 3 with what they need:

  chorus  1.2.03  says hello until everyone has heard it    /nix/store/9vakg66m48yks1y8yv7g6ab36w7wacxl-chorus-1.2.03
  greet   1.2     says hello                                /nix/store/3rybk3ac0n8ljgq80gzc3y3iyh59xq2v-greet-1.2
  repeat  0.3     does it again                             /nix/store/9d3cm5qsyp7ja4cqmcz1spmchwy6kknf-repeat-0.3

/nix/store/cn594xiaf60fnwr6ia7hswg0zrbcm3ab-example-shell.drv
`,
  );
});

Deno.test("examples/packages.nix comes to its derivations", () => {
  const args = ["--dry-run", `${examples}packages.nix`, ...linux];
  const { code, out } = runFake((process) => runCommand(INSTANTIATE, process), args);
  assertEquals([code, out], [
    0,
    `/nix/store/79grzaiy63v9846l84b7r7irp8bi30zd-chorus-1.2.03.drv
/nix/store/01gvhb3lrb9gyfrqg5ncdn519ism21s1-greet-1.2.drv
/nix/store/qjf75zb7rj3y0wk58ih3xy66bf9304y0-repeat-0.3.drv
`,
  ]);
});
