import { assertEquals } from "@std/assert";
import type { Fetch } from "./fetch.ts";
import { Fetcher } from "./fetcher.ts";
import { DEFAULT_FETCH_SETTINGS } from "./settings.ts";

const ARCHIVES = new URL("../../testdata/fetch/archives/", import.meta.url).pathname;

async function withFetcher(test: (fetcher: Fetcher, cacheDir: string) => void | Promise<void>): Promise<void> {
  const cacheDir = await Deno.makeTempDir({ prefix: "devix-fetcher-" });
  const fetcher = new Fetcher({ settings: { ...DEFAULT_FETCH_SETTINGS, cacheDir } });
  try {
    await test(fetcher, cacheDir);
  } finally {
    fetcher.close();
    await Deno.remove(cacheDir, { recursive: true });
  }
}

const TARBALL: Fetch = { kind: "tarball", url: `file://${ARCHIVES}plain.tar.gz`, name: "source" };

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
