// Evaluating the cases: with devix in this process, with C++ Nix in one of its own.

import { binaryToUtf8 } from "../../lib/format/bytes.ts";
import { Fetcher } from "../../lib/fetch/fetcher.ts";
import { DEFAULT_FETCH_SETTINGS, type FetchSettings } from "../../lib/fetch/settings.ts";
import { ContextBuilder } from "../../lib/runtime/context.ts";
import { NixError, stripEscapes } from "../../lib/runtime/errors.ts";
import { DEFAULT_SETTINGS } from "../../lib/runtime/settings.ts";
import { toJson } from "../../lib/runtime/to_json.ts";
import { Session } from "../../session.ts";
import { type FetchCase, FORGE_HOST, normalise, observe, type Outcome } from "./case.ts";
import type { World } from "./world.ts";

const FEATURES = ["flakes", "fetch-tree"];

/** Settings for a world, with a cache of their own. */
function worldSettings(world: World, cacheDir: string, changes: Partial<FetchSettings> = {}): FetchSettings {
  const forge = world.https;
  return {
    ...DEFAULT_FETCH_SETTINGS,
    features: new Set(FEATURES),
    cacheDir,
    netrcFile: "/nonexistent",
    sslCertFile: world.caFile,
    attempts: 2,
    retryDelayMs: 1,
    ...(forge.endsWith(":443") || !/:\d+$/.test(forge) ? {} : {
      // Not at the usual port: be told where.
      forgeArchives: new Map([[FORGE_HOST, `${forge}/{owner}/{repo}/archive/{rev}.tar.gz`]]),
      forgeRepositories: new Map([[FORGE_HOST, `${forge}/{owner}/{repo}.git`]]),
    }),
    ...changes,
  };
}

/** Evaluates a case with devix and an empty cache. */
export async function evaluateDevix(fetchCase: FetchCase, world: World): Promise<Outcome> {
  const cacheDir = await Deno.makeTempDir({ prefix: "devix-cache-" });
  const { options = {} } = fetchCase;
  const features = new Set(fetchCase.features ?? FEATURES);
  const fetcher = new Fetcher({
    settings: worldSettings(world, cacheDir, {
      features,
      ...(options["access-tokens"] === undefined
        ? {}
        : { accessTokens: new Map([splitAt(options["access-tokens"], "=")]) }),
      ...(options["netrc-file"] === undefined ? {} : { netrcFile: options["netrc-file"].replace("DIR", world.dir) }),
      ...(options["warn-dirty"] === undefined ? {} : { warnDirty: options["warn-dirty"] === "true" }),
      ...(options["allow-dirty"] === undefined ? {} : { allowDirty: options["allow-dirty"] === "true" }),
      ...(options["tarball-ttl"] === undefined ? {} : { tarballTtl: Number(options["tarball-ttl"]) }),
      ...(options["trust-tarballs-from-git-forges"] === "false" ? { trustForges: false } : {}),
      ...(options["stalled-download-timeout"] === undefined
        ? {}
        : { stalledTimeout: Number(options["stalled-download-timeout"]) }),
    }),
  });
  try {
    const session = new Session({
      settings: {
        ...DEFAULT_SETTINGS,
        features,
        pureEval: fetchCase.pure ?? false,
        restrictEval: options["restrict-eval"] === "true",
        allowedUris: (options["allowed-uris"] ?? "").split(" ").filter((uri) => uri !== "").map((uri) =>
          uri.replace("HTTP", world.http)
        ),
      },
      log: { trace() {}, warn() {}, message() {} },
      currentDir: world.dir,
      fetcher,
    });
    const value = session.evaluate(session.parse(observe(fetchCase.expr(world)), { kind: "string" }));
    const json = toJson(value, new ContextBuilder(), { strict: true, copy: session.copyToStore });
    session.fetchedPaths?.settle();
    return { value: JSON.parse(normalise(binaryToUtf8(json), world)) };
  } catch (e) {
    if (!(e instanceof NixError)) throw e;
    return { error: normalise(stripEscapes(binaryToUtf8(e.message)).split("\n", 1)[0], world) };
  } finally {
    fetcher.close();
    await Deno.remove(cacheDir, { recursive: true });
  }
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Evaluates a case with C++ Nix: `nix` is the path of a `nix-instantiate` that has a store it may write to. */
export async function evaluateNix(fetchCase: FetchCase, world: World, nix: string): Promise<Outcome> {
  const home = await Deno.makeTempDir({ prefix: "devix-home-" });
  const options = {
    "extra-experimental-features": "",
    "experimental-features": ["nix-command", ...(fetchCase.features ?? FEATURES)].join(" "),
    "download-attempts": "1",
    "flake-registry": "",
    "ssl-cert-file": world.caFile,
    "pure-eval": String(fetchCase.pure ?? false),
    ...fetchCase.options,
  };
  try {
    const { success, stdout, stderr } = await new Deno.Command(nix, {
      args: [
        ...["--eval", "--strict", "--json", "--readonly-mode"].filter((flag) => flag !== "--readonly-mode"),
        ...Object.entries(options).flatMap(([name, value]) => [
          "--option",
          name,
          value.replace("DIR", world.dir).replace("HTTP", world.http),
        ]),
        "-E",
        observe(fetchCase.expr(world)),
      ],
      env: {
        HOME: home,
        XDG_CACHE_HOME: `${home}/cache`,
        NIX_SSL_CERT_FILE: world.caFile,
        GIT_SSL_CAINFO: world.caFile,
        GIT_CONFIG_NOSYSTEM: "1",
        NIX_PATH: "",
      },
      cwd: world.dir,
    }).output();
    if (success) return { value: JSON.parse(normalise(new TextDecoder().decode(stdout), world)) };
    // The store may have a root of its own, which some messages name.
    const text = stripEscapes(new TextDecoder().decode(stderr)).replaceAll(/[^ ']+(?=\/nix\/store\/)/g, "");
    const messages = [...text.matchAll(/^ *error: (.+)$/gm)];
    return { error: normalise(messages.at(-1)?.[1] ?? text, world) };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
