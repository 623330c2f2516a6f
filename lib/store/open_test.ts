import { assertEquals } from "@std/assert";
import { realStoreDirOf, type StorePlace } from "./background/context.ts";
import { storePlacesOf } from "./open.ts";

/** What there is: nothing but variables and `programs`, a folder of Nix's programs. */
function places(uri: string, programs = ""): readonly StorePlace[] {
  const variables: Record<string, string> = { PATH: programs, HOME: "/home/u", NIX_STATE_DIR: "/nonexistent" };
  return storePlacesOf(uri, { env: (name) => variables[name], cwd: "/" });
}

function realStoreDir(uri: string, programs = ""): string | undefined {
  const [place] = places(uri, programs);
  return realStoreDirOf(place, "/nix/store");
}

Deno.test("storePlacesOf() knows where the files of a store are", () => {
  const programs = Deno.makeTempDirSync();
  for (const name of ["nix-store", "nix-daemon"]) Deno.writeTextFileSync(`${programs}/${name}`, "");
  try {
    for (
      const [uri, expected] of [
        ["unix:///s", undefined],
        ["unix:///s?root=/r", "/r/nix/store"],
        ["unix:///s?trusted=1&root=/r%20s/", "/r s/nix/store"],
        ["unix:///s?real=/x", "/x"],
      ] as const
    ) assertEquals([realStoreDir(uri), realStoreDir(uri, programs)], [expected, expected], uri);
    for (
      const [uri, expected] of [
        ["/r", "/r/nix/store"],
        ["local?root=/r", "/r/nix/store"],
        ["local://?root=/r", "/r/nix/store"],
        ["local", undefined],
      ] as const
    ) {
      assertEquals([places(uri)[0].kind, places(uri, programs)[0].kind], ["local", "program"], uri);
      assertEquals([realStoreDir(uri), realStoreDir(uri, programs)], [expected, expected], uri);
    }
    assertEquals(realStoreDir("ssh://host?root=/r", programs), undefined);
    assertEquals(realStoreDir(""), "/home/u/.local/share/nix/root/nix/store");
  } finally {
    Deno.removeSync(programs, { recursive: true });
  }
});

Deno.test("storePlacesOf() gives Nix's programs the experimental features that are on", () => {
  const programs = Deno.makeTempDirSync();
  for (const name of ["nix-store", "nix-daemon"]) Deno.writeTextFileSync(`${programs}/${name}`, "");
  const variables: Record<string, string> = { PATH: programs, NIX_CONFIG: "cores = 1" };
  function environment(features: readonly string[]) {
    const [place] = storePlacesOf("local?root=/r", {
      env: (name) => variables[name],
      cwd: "/",
      features: new Set(features),
    });
    return place.kind === "program" ? place.env : undefined;
  }
  try {
    assertEquals(environment([]), { NIX_REMOTE: "local?root=/r" });
    assertEquals(environment(["ca-derivations", "flakes"]), {
      NIX_REMOTE: "local?root=/r",
      NIX_CONFIG: "cores = 1\nexperimental-features = ca-derivations flakes",
    });
  } finally {
    Deno.removeSync(programs, { recursive: true });
  }
});
