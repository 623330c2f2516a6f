import { assertEquals, assertThrows } from "@std/assert";
import { existsSync } from "@std/fs";
import { FetchError } from "./errors.ts";
import type { Fetch } from "./fetch.ts";
import { Fetcher } from "./fetcher.ts";
import { inputFromAttrs } from "./input.ts";
import { DEFAULT_FETCH_SETTINGS, type FetchSettings, inputOptions } from "./settings.ts";

const ARCHIVES = new URL("../../testdata/fetch/archives/", import.meta.url).href;

async function withFetcher(
  test: (fetcher: Fetcher, cacheDir: string) => void | Promise<void>,
  settings: Partial<FetchSettings> = {},
): Promise<void> {
  const cacheDir = await Deno.makeTempDir({ prefix: "devix-fetcher-" });
  const fetcher = new Fetcher({ settings: { ...DEFAULT_FETCH_SETTINGS, cacheDir, ...settings } });
  try {
    await test(fetcher, cacheDir);
  } finally {
    fetcher.close();
    await Deno.remove(cacheDir, { recursive: true });
  }
}

const TARBALL: Fetch = { kind: "tarball", url: `${ARCHIVES}plain.tar.gz`, name: "source" };

Deno.test("Fetcher fetches one thing once, under whatever names", () =>
  withFetcher((fetcher) => {
    fetcher.start(TARBALL);
    fetcher.start({ ...TARBALL, name: "other" });
    const { path } = fetcher.wait({ ...TARBALL, name: "third" });
    assertEquals([fetcher.wait(TARBALL).path, fetcher.wait({ ...TARBALL, name: "other" }).path], [path, path]);
    assertEquals(fetcher.pending, 0);
    assertEquals([...fetcher.results()].map(({ fetch }) => "name" in fetch && fetch.name), [
      "third",
      "source",
      "other",
    ]);
  }));

Deno.test("Fetcher fetches again what was pruned before it was looked at, and keeps what it has open", () =>
  withFetcher(async (fetcher, cacheDir) => {
    const prune = () => {
      for (const { name } of Deno.readDirSync(`${cacheDir}/trees`)) Deno.removeSync(`${cacheDir}/trees/${name}`);
    };
    fetcher.start(TARBALL);
    while (fetcher.pending > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    prune();
    const fetched = fetcher.wait(TARBALL);
    prune();
    assertEquals(fetcher.tree(fetched).lstat("/run.sh").executable, true);
  }));

Deno.test("Fetcher says what is wrong with its folder in the host's words", () =>
  withFetcher((fetcher, cacheDir) => {
    Deno.writeTextFileSync(`${cacheDir}/trees`, "");
    const { message } = assertThrows(() => fetcher.wait(TARBALL), FetchError);
    assertEquals(message.replace(/trees\/.*'/, "trees/…'"), `lstat '${cacheDir}/trees/…': Not a directory`);
  }));

const CLONE_BREAKERS: readonly [what: string, spoil: (clone: string) => void][] = [
  ["has no HEAD any more", (clone) => Deno.removeSync(`${clone}/HEAD`)],
  ["is a file", (clone) => {
    Deno.removeSync(clone, { recursive: true });
    Deno.writeTextFileSync(clone, "");
  }],
  ["has an empty branch", (clone) => {
    for (const { name } of Deno.readDirSync(`${clone}/refs/heads`)) Deno.truncateSync(`${clone}/refs/heads/${name}`);
  }],
  ["has an empty configuration", (clone) => Deno.truncateSync(`${clone}/config`)],
  ["has no configuration that could be read", (clone) => Deno.writeTextFileSync(`${clone}/config`, "[")],
  ["has a file that is cut off", (clone) => {
    const blob = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0";
    const path = `${clone}/objects/${blob.slice(0, 2)}/${blob.slice(2)}`;
    Deno.chmodSync(path, 0o644);
    Deno.truncateSync(path, 18);
  }],
];

for (const [what, spoil] of CLONE_BREAKERS) {
  Deno.test({
    name: `Fetcher clones again where the clone ${what}`,
    ignore: !hasGit(),
    fn: () =>
      withClone(({ clone, fetchAgain, expected }) => {
        spoil(clone);
        assertEquals(fetchAgain(), expected);
      }),
  });
}

Deno.test({
  name: "Fetcher removes what a git that was killed had received",
  ignore: !hasGit(),
  fn: () =>
    withClone(({ clone, fetchAgain, expected }) => {
      const left = [`${clone}/objects/pack/tmp_pack_A1b2C3`, `${clone}/objects/0a/tmp_obj_A1b2C3`];
      Deno.mkdirSync(`${clone}/objects/0a`, { recursive: true });
      for (const path of left) Deno.writeTextFileSync(path, "PACK", { mode: 0o444 });
      assertEquals(fetchAgain(), expected);
      assertEquals(left.filter((path) => existsSync(path)), []);
    }),
});

interface Cloned {
  readonly clone: string;
  /** Fetches the tree again, to which a commit has come meanwhile. */
  readonly fetchAgain: () => unknown;
  /** What that is to return. */
  readonly expected: unknown;
}

/** Tests with the clone of a repository that isn't read where it is, and is asked each time. */
function withClone(test: (cloned: Cloned) => void): Promise<void> {
  return withFetcher((fetcher, cacheDir) => {
    const repository = `${cacheDir}/repository`;
    const commit = () =>
      git("-C", repository, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--allow-empty", "-qm", "x");
    git("init", "--quiet", repository);
    Deno.writeTextFileSync(`${repository}/file`, "hello");
    git("-C", repository, "add", "file");
    commit();
    const attrs = new Map([["type", "git"], ["url", `file://${repository}`]]);
    const fetch: Fetch = { kind: "input", input: inputFromAttrs(attrs, inputOptions(fetcher.settings)) };
    const { path, narHash } = fetcher.wait(fetch);
    commit();
    const [clone] = [...Deno.readDirSync(`${cacheDir}/git`)];
    const fetchAgain = () => {
      Deno.removeSync(path);
      fetcher.forgetPassing();
      const { narHash, attrs } = fetcher.wait(fetch);
      return { narHash, revCount: attrs?.get("revCount") };
    };
    test({ clone: `${cacheDir}/git/${clone.name}`, fetchAgain, expected: { narHash, revCount: 2 } });
  }, { forceHttp: true, tarballTtl: 0 });
}

function hasGit(): boolean {
  try {
    git("--version");
    return true;
  } catch {
    return false;
  }
}

function git(...args: string[]): void {
  const { success, stderr } = new Deno.Command("git", { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
