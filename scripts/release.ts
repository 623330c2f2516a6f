/**
 * Makes `dist/release`: an archive for each system with the program, its manual page, completions and documentation, and
 * SHA256SUMS.
 *
 *     deno task release [--system SYSTEM]... [--output DIRECTORY]
 *
 * Deno fetches the runtime of each system from its own host; where that can't be reached, set DENORT_DIR to a directory with
 * files `denort-TARGET` (`denort-aarch64-apple-darwin`), or DENORT_BIN to the runtime for this machine's own system. A
 * system whose runtime can't be had is left out, and that is said. Only the archive for this machine's own system is tried.
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { hashOf, printHash } from "../lib/format/mod.ts";
import { compile } from "./compile.ts";
import { machineOf } from "./machine.ts";
import { type TarEntry, tarGz } from "./tar.ts";

const root = fromFileUrl(new URL("..", import.meta.url));

/** Systems in Nix's words, and in Deno's. */
const TARGETS: Readonly<Record<string, string>> = {
  "x86_64-linux": "x86_64-unknown-linux-gnu",
  "aarch64-linux": "aarch64-unknown-linux-gnu",
  "aarch64-darwin": "aarch64-apple-darwin",
  "x86_64-darwin": "x86_64-apple-darwin",
};

const OWN_SYSTEM = `${Deno.build.arch}-${Deno.build.os}`;

/** What has become of a system. */
interface Outcome {
  readonly system: string;
  readonly state: "tried here" | "not tried" | "left out" | "broken";
  /** The archive's name and checksum. */
  readonly archive?: string;
  readonly sum?: string;
  /** The archive's size, or what went wrong. */
  readonly words: string;
}

async function main(): Promise<number> {
  const { system = [], output } = parseArgs(Deno.args, {
    string: ["output"],
    collect: ["system"],
    default: { output: `${root}dist/release` },
  }) as { system?: string[]; output: string };
  const unknown = system.filter((name) => !Object.hasOwn(TARGETS, name));
  if (unknown.length > 0) {
    console.error(`error: no system "${unknown[0]}": there are ${Object.keys(TARGETS).join(", ")}`);
    return 2;
  }
  await Deno.remove(output, { recursive: true }).catch(() => {});
  await Deno.mkdir(output, { recursive: true });
  const extras = await share();
  const outcomes: Outcome[] = [];
  for (const name of system.length > 0 ? system : Object.keys(TARGETS)) {
    console.error(`${name} …`);
    outcomes.push(await release(name, { output, extras }));
  }
  const sums = outcomes.filter(({ sum }) => sum !== undefined).map(({ sum, archive }) => `${sum}  ${archive}\n`);
  await Deno.writeTextFile(`${output}/SHA256SUMS`, sums.join(""));
  for (const { system, state, words } of outcomes) console.log(`${system.padEnd(16)}${state.padEnd(12)}${words}`);
  return sums.length === 0 || outcomes.some(({ state }) => state === "broken") ? 1 : 0;
}

interface ReleaseOptions {
  readonly output: string;
  readonly extras: readonly TarEntry[];
}

async function release(system: string, { output, extras }: ReleaseOptions): Promise<Outcome> {
  const directory = await Deno.makeTempDir();
  try {
    const program = `${directory}/devix`;
    const failed = await compile({ output: program, target: TARGETS[system], ...await runtimeOf(system) });
    if (failed !== undefined) return { system, state: "left out", words: failed };
    const contents = await Deno.readFile(program);
    const machine = machineOf(contents);
    if (machine !== system) return { system, state: "broken", words: `the runtime is one for ${machine}` };
    const name = `devix-${config.version}-${system}`;
    const entries = [{ path: "bin/devix", contents, executable: true }, ...extras];
    const bytes = await tarGz(entries.map((entry) => ({ ...entry, path: `${name}/${entry.path}` })));
    const archive = `${name}.tar.gz`;
    await Deno.writeFile(`${output}/${archive}`, bytes);
    const sum = printHash(hashOf("sha256", bytes), "base16");
    const size = `${archive}, ${Math.round(bytes.length / 1e6)} MB`;
    if (system !== OWN_SYSTEM) return { system, archive, sum, state: "not tried", words: `${size}: untested` };
    const wrong = await tryArchive(`${output}/${archive}`, directory);
    if (wrong !== undefined) return { system, archive, sum, state: "broken", words: wrong };
    return { system, archive, sum, state: "tried here", words: size };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Where the runtime is, if somebody says so. */
async function runtimeOf(system: string): Promise<{ readonly runtime?: string }> {
  const folder = Deno.env.get("DENORT_DIR");
  const runtime = folder && `${folder}/denort-${TARGETS[system]}`;
  if (runtime && await Deno.stat(runtime).then(() => true, () => false)) return { runtime };
  const own = Deno.env.get("DENORT_BIN");
  return system === OWN_SYSTEM && own ? { runtime: own } : {};
}

/** Unpacks an archive, runs what is in it, and returns what is wrong with it. */
async function tryArchive(archive: string, directory: string): Promise<string | undefined> {
  const tar = await new Deno.Command("tar", { args: ["-xzf", archive, "--strip-components=1"], cwd: directory })
    .output();
  if (!tar.success) return "tar can't unpack it";
  const cases = [[["version"], `devix ${config.version} `], [["eval", "-E", "6 * 7"], "42\n"]] as const;
  for (const [args, expected] of cases) {
    const { stdout, stderr } = await new Deno.Command(`${directory}/bin/devix`, { args: [...args] }).output();
    const said = new TextDecoder().decode(stdout);
    if (!said.startsWith(expected)) {
      return `devix ${args.join(" ")} says ${JSON.stringify(said + new TextDecoder().decode(stderr))}`;
    }
  }
  return undefined;
}

/** What is the same for all systems. */
async function share(): Promise<TarEntry[]> {
  const made: readonly [path: string, args: readonly string[]][] = [
    ["man/man1/devix.1", ["help", "--man"]],
    ["bash-completion/completions/devix", ["completions", "bash"]],
    ["zsh/site-functions/_devix", ["completions", "zsh"]],
    ["fish/vendor_completions.d/devix.fish", ["completions", "fish"]],
  ];
  const entries: TarEntry[] = [];
  for (const [path, args] of made) {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", `${root}cli.ts`, ...args],
      stderr: "inherit",
    });
    const { success, stdout } = await command.output();
    if (!success) throw new Error(`Cannot make "${path}"`);
    entries.push({ path: `share/${path}`, contents: new Uint8Array(stdout) });
  }
  const pages = [...Deno.readDirSync(`${root}docs`)].map(({ name }) => `docs/${name}`).sort();
  for (const page of ["LICENSE", "README.md", ...pages]) {
    entries.push({ path: `share/doc/devix/${page}`, contents: await Deno.readFile(root + page) });
  }
  return entries;
}

Deno.exit(await main());
