import { assertEquals, assertStringIncludes } from "@std/assert";
import { utf8ToBinary } from "../lib/format/mod.ts";
import { LocalStore } from "../lib/store/mod.ts";
import { DERIVATION, sourceObject, textObject, TREE } from "../lib/store/_contract.ts";
import { NIX_PROGRAMS, nixEnvironment, runNix, TestFolder } from "../lib/store/_nix.ts";
import { type Ran, runFakeAsync } from "./_test_process.ts";
import type { OwnCommand } from "./command.ts";
import { SHOW_DERIVATION } from "./show_derivation.ts";
import { ADD } from "./store_add.ts";
import { CAT, DUMP, LS } from "./store_contents.ts";
import { PATH_INFO, QUERY, VALID } from "./store_info.ts";
import { GC, VERIFY } from "./store_upkeep.ts";

const A = textObject("a", "one\n\xff");
const B = textObject("b", `two ${A.path}`, [A.path]);
const SOURCE = sourceObject("tree", TREE);
const DRV = textObject("x.drv", DERIVATION);
const ABSENT = textObject("absent", "never added").path;

type Run = (command: OwnCommand, ...args: string[]) => Promise<Ran>;

/** A test with a store in which there are the paths above. */
function withStore(test: (run: Run, folder: string) => Promise<void>) {
  return async () => {
    const folder = new TestFolder();
    const store = LocalStore.open(folder.path);
    for (const text of [A, B, DRV]) store.addText(text);
    store.addSource(SOURCE);
    store.close();
    const run: Run = (command, ...args) =>
      runFakeAsync(command.run, ["--store", `local:${folder.path}`, ...args], { cwd: folder.path });
    try {
      await test(run, folder.path);
    } finally {
      folder.close();
    }
  };
}

function printed(out: string): Ran {
  return { code: 0, out, err: "" };
}

Deno.test(
  "store ls lists trees as nix store ls does",
  withStore(async (run) => {
    const [dir, link] = [`${SOURCE.path}/dir`, `${SOURCE.path}/link`];
    assertEquals(await run(LS, dir), printed("./empty\n"));
    assertEquals(await run(LS, "-ld", dir), printed("dr-xr-xr-x                    0 .\n"));
    assertEquals(await run(LS, "-l", link), printed("lrwxrwxrwx                    0 link -> nowhere-\xff\n"));
    assertEquals(await run(LS, "-R", dir), printed("./empty\n"));
    const { out } = await run(LS, "-lR", SOURCE.path);
    assertStringIncludes(out, "-r--r--r--               300000 ./big\n");
    assertStringIncludes(out, "dr-xr-xr-x                    0 ./dir/empty\n");
    assertStringIncludes(out, "-r-xr-xr-x                   10 ./run\n");
    assertEquals(out.split("\n").length, 9);
  }),
);

Deno.test(
  "store cat prints files, whatever their bytes",
  withStore(async (run) => {
    assertEquals(await run(CAT, A.path), printed(A.contents));
    assertEquals(await run(CAT, `${SOURCE.path}/run`), printed("#!/bin/sh\n"));
    assertEquals((await run(CAT, `${SOURCE.path}/big`)).out, "A".repeat(300_000));
    assertEquals(await run(CAT, `${SOURCE.path}/dir`), {
      code: 4,
      out: "",
      err: `error: Cannot print "${SOURCE.path}/dir": it is a directory\n`,
    });
    assertEquals(
      (await run(CAT, `${SOURCE.path}/none`)).err,
      `error: Cannot find "${SOURCE.path}/none": there is no such file in the store path\n`,
    );
  }),
);

Deno.test(
  "store dump prints the NAR",
  withStore(async (run) => {
    const parts: string[] = [];
    SOURCE.dump((chunk) => parts.push(Array.from(chunk, (byte) => String.fromCharCode(byte)).join("")));
    assertEquals((await run(DUMP, SOURCE.path)).out === parts.join(""), true);
  }),
);

Deno.test(
  "store commands follow symlinks into the store",
  withStore(async (run, folder) => {
    Deno.symlinkSync(B.path, `${folder}/root-é`);
    Deno.symlinkSync("root-é", `${folder}/result`);
    assertEquals(await run(CAT, "result"), printed(B.contents));
    assertEquals(await run(QUERY, "--references", utf8ToBinary("root-é")), printed(`${A.path}\n`));
  }),
);

Deno.test(
  "store query tells what refers to what",
  withStore(async (run) => {
    assertEquals(await run(QUERY, "--referrers", A.path), printed(`${B.path}\n`));
    assertEquals(await run(QUERY, "--requisites", B.path), printed(`${A.path}\n${B.path}\n`));
    assertEquals((await run(QUERY, A.path)).code, 2);
  }),
);

Deno.test(
  "store path-info prints paths, sizes and JSON",
  withStore(async (run) => {
    assertEquals(await run(PATH_INFO, "-r", B.path), printed(`${A.path}\n${B.path}\n`));
    const sizes = (await run(PATH_INFO, "-sS", B.path)).out.trim().split("\t");
    assertEquals(sizes, [B.path.padEnd(100), "168", "288"]);
    const json = JSON.parse((await run(PATH_INFO, "--json", B.path, ABSENT)).out);
    assertEquals(json[ABSENT], null);
    assertEquals([json[B.path].references, json[B.path].narSize], [[A.path], 168]);
    const all = (await run(PATH_INFO, "--all")).out.trim().split("\n");
    assertEquals(all, [A, B, SOURCE, DRV].map(({ path }) => path as string).sort());
  }),
);

Deno.test(
  "store valid prints what isn't there",
  withStore(async (run) => {
    assertEquals(await run(VALID, A.path, ABSENT), { code: 4, out: `${ABSENT}\n`, err: "" });
    assertEquals(await run(VALID, A.path), printed(""));
  }),
);

Deno.test(
  "store verify finds what is gone, and with --check-contents what has changed",
  withStore(async (run, folder) => {
    assertEquals(await run(VERIFY, "--check-contents"), printed(""));
    Deno.removeSync(folder + B.path);
    Deno.chmodSync(folder + A.path, 0o644);
    Deno.writeTextFileSync(folder + A.path, "changed");
    assertEquals(await run(VERIFY), { code: 4, out: `"${B.path}" is valid but gone\n`, err: "" });
    assertStringIncludes((await run(VERIFY, "--check-contents")).out, `"${A.path}" was modified`);
  }),
);

Deno.test(
  "store gc removes what no root leads to",
  withStore(async (run, folder) => {
    const auto = `${folder}/nix/var/nix/gcroots`;
    Deno.symlinkSync(B.path, `${auto}/b`);
    const dead = [SOURCE.path, DRV.path].map((path) => `${path}\n`).sort().join("");
    assertEquals(await run(GC, "--dry-run"), { code: 0, out: dead, err: "2 store paths would be removed\n" });
    const { out, err } = await run(GC);
    assertEquals(out, dead);
    assertStringIncludes(err, "2 store paths removed, 0.3 MiB freed");
    assertEquals(await run(PATH_INFO, "--all"), printed([A, B].map(({ path }) => `${path}\n`).sort().join("")));
  }),
);

Deno.test(
  "store add adds files and trees",
  withStore(async (run, folder) => {
    Deno.mkdirSync(`${folder}/dir`);
    Deno.writeTextFileSync(`${folder}/dir/file`, "x");
    const added = (await run(ADD, "dir", "dir/file")).out.trim().split("\n");
    assertEquals(added.map((path) => path.slice(path.indexOf("-"))), ["-dir", "-file"]);
    assertEquals(await run(CAT, `${added[0]}/file`), printed("x"));
    const { out } = await run(ADD, "--mode", "flat", "--name", "other", "dir/file");
    assertEquals(await run(CAT, out.trim()), printed("x"));
    assertEquals(await run(VERIFY, "--check-contents"), printed(""));
    assertEquals(await run(ADD, "nothing"), {
      code: 4,
      out: "",
      err: 'error: Cannot add "nothing": it does not exist\n',
    });
  }),
);

Deno.test(
  "store commands refuse what is no path of the store",
  withStore(async (run) => {
    assertEquals((await run(CAT, "/etc/passwd")).code, 2);
    assertEquals((await run(PATH_INFO)).code, 2);
    assertEquals((await run(DUMP, A.path, B.path)).code, 2);
    assertEquals((await run(QUERY, "--references", `${SOURCE.path}/run`)).code, 2);
    assertEquals(await run(DUMP, ABSENT), {
      code: 4,
      out: "",
      err: `error: Cannot find "${ABSENT}": not a valid path of the store\n`,
    });
    assertEquals((await run(ADD, "--store", "local:new", "nix")).code, 0);
    const { code, err } = await runFakeAsync(VERIFY.run, ["--store", "local:/nonexistent"]);
    assertEquals([code, err], [4, 'error: Cannot open store "local:/nonexistent": there is none\n']);
  }),
);

Deno.test(
  "store commands say which flags don't go together before they look at the store",
  withStore(async (run) => {
    for (
      const [command, args, message] of [
        [PATH_INFO, [], "paths are missing"],
        [PATH_INFO, ["--all", A.path], "'--all' takes no paths"],
        [QUERY, [A.path], "one of '--references', '--referrers', '--requisites' is missing"],
        [QUERY, ["--requisites", "--references", A.path], "'--references' doesn't go with '--requisites'"],
        [ADD, ["--name", "x", "a", "b"], "'--name' goes with one path only"],
      ] as const
    ) {
      const { code, err } = await run(command, "--store", "local:/nonexistent", ...args);
      const hint = `Try 'devix ${command.name} --help' for more information.`;
      assertEquals([code, err], [2, `error: ${message}\n${hint}\n`]);
    }
    assertEquals((await run(QUERY, "--references", "--references", B.path)).code, 0);
  }),
);

Deno.test(
  "store add fails with 4 where there is what no store takes",
  withStore(async (run) => {
    const { code, err } = await run(ADD, "/dev/null");
    assertEquals([code, err], [4, `error: Cannot add "/dev/null": file '/dev/null' has an unsupported type\n`]);
  }),
);

const newest = NIX_PROGRAMS.at(-1);

Deno.test({
  name: "path-info, ls, add and show-derivation print what those of Nix 2.34 do",
  ignore: newest === undefined || !newest.version.startsWith("2.34"),
  fn: withStore(async (run, folder) => {
    const env = { ...nixEnvironment(folder), NIX_REMOTE: `local?root=${folder}` };
    const nix = (...args: string[]) => runNix(newest!, ["nix", ...args], { env });
    assertEquals((await run(SHOW_DERIVATION, DRV.path)).out, nix("derivation", "show", DRV.path));
    const info = ["path-info", "--json", B.path, SOURCE.path, "--closure-size"];
    assertEquals((await run(PATH_INFO, ...info.slice(1))).out, nix(...info, "--json-format", "1"));
    for (const flags of [["-R"], ["-lR"], ["-l"], ["-ld"], []]) {
      const args = [...flags, `${SOURCE.path}/dir`];
      assertEquals((await run(LS, ...args)).out, nix("store", "ls", ...args));
    }
    Deno.writeTextFileSync(`${folder}/file`, "contents");
    for (const mode of ["nar", "flat"]) {
      const { out } = await run(ADD, "--mode", mode, "file");
      assertEquals(out, nix("store", "add", "--mode", mode, "--name", "file", `${folder}/file`));
    }
  }),
});
