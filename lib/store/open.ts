// Which store: from what the user says (`--store`, NIX_REMOTE) and what there is on the machine.
//
//     none            only computes paths
//     daemon          the Nix daemon at its usual socket
//     unix:PATH       a Nix daemon at another socket
//     nix-store-add   Nix's own programs, without a daemon running
//     local:DIR       a store of our own below DIR, in Nix's layout; needs no Nix
//     auto            the first of daemon, nix-store-add and local that there is
//
// "nix-store-add" starts `nix-daemon --stdio`, which is part of every Nix, and speaks the worker protocol with it.
// `nix-store --import` of an export stream gives the same paths in one process too, but registers them without their
// content address, so that they can't be copied on without a signature; it doesn't tell what is valid, and takes each NAR
// into memory. `nix-store --add` and `--add-fixed` can't make texts with references, which derivations are.

import { BackgroundStore } from "./background_store.ts";
import type { StorePlace } from "./background/context.ts";
import { ComputeOnlyStore } from "./compute_only.ts";
import { StoreError } from "./errors.ts";
import { layoutBelow } from "./local/layout.ts";
import { utf8ToBinary } from "../format/bytes.ts";
import { DEFAULT_STORE_DIR } from "../format/store_path.ts";

/** What a choice depends on. */
export interface StoreSurroundings {
  /** Returns a variable; undefined if it isn't set. JavaScript strings. */
  readonly env: (name: string) => string | undefined;
  /** Absolute. */
  readonly cwd: string;
  /** Experimental features that are on, by flags too: a program of Nix's that is started knows only those of files. */
  readonly features?: ReadonlySet<string>;
}

/** Whether a text names a store in the way above. */
export function isStoreName(text: string): boolean {
  return /^(?:auto|daemon|none|nix-store-add|(?:unix|local):.+)$/s.test(text);
}

/** Opens the store that a name stands for. It is connected to when it is first needed. @throws {StoreError} */
export function openStore(name: string, surroundings: StoreSurroundings): BackgroundStore | ComputeOnlyStore {
  return openPlaces(storePlaces(name, surroundings), surroundings);
}

/** Opens the first of the places that is there; only computes if there are none. */
export function openPlaces(
  places: readonly StorePlace[],
  { env }: StoreSurroundings,
): BackgroundStore | ComputeOnlyStore {
  const storeDir = env("NIX_STORE_DIR") || DEFAULT_STORE_DIR;
  return places.length === 0 ? new ComputeOnlyStore({ storeDir }) : new BackgroundStore({ places, storeDir });
}

/** Returns where to look for the store a name stands for, in order; nothing for "none". */
export function storePlaces(name: string, surroundings: StoreSurroundings): readonly StorePlace[] {
  switch (name) {
    case "none":
      return [];
    case "daemon":
      return [usualDaemon(surroundings)];
    case "nix-store-add": {
      const program = nixProgram(surroundings);
      if (program === undefined) throw new StoreError('Cannot use store "nix-store-add": no nix-store on the PATH');
      return [program];
    }
    case "auto":
      return storePlacesOf(surroundings.env("NIX_REMOTE") ?? "", surroundings);
  }
  const colon = name.indexOf(":");
  const path = absolute(name.slice(colon + 1), surroundings);
  if (name.startsWith("unix:")) return [{ kind: "daemon", mode: `unix:${path}`, socket: path }];
  if (name.startsWith("local:")) return [localStore(path, surroundings)];
  throw new StoreError(
    `Cannot use store "${utf8ToBinary(name)}": expected auto, daemon, unix:PATH, nix-store-add, local:DIR or none`,
  );
}

/** Returns where the store is that C++ Nix would take for a store URI ("" for what it finds). */
export function storePlacesOf(uri: string, surroundings: StoreSurroundings): readonly StorePlace[] {
  if (uri === "" || uri === "auto") return foundPlaces(surroundings);
  if (uri === "daemon") return [usualDaemon(surroundings)];
  if (uri.startsWith("dummy:")) return [];
  const socket = /^unix:\/\/(\/[^?]*)/.exec(uri)?.[1];
  const at = elsewhere(realStoreDirIn(uri));
  if (socket !== undefined) return [{ kind: "daemon", mode: `unix:${socket}`, socket, ...at }];
  const root = uri.startsWith("/") ? uri : /^local(?::\/\/)?\?root=([^&?]+)$/.exec(uri)?.[1];
  // The program knows all other kinds, and all that may be said of these.
  const program = nixProgram(surroundings, { NIX_REMOTE: uri });
  if (program !== undefined) return [{ ...program, ...at }];
  if (root !== undefined) return [localStore(root, surroundings)];
  if (/^local(?::\/\/)?$/.test(uri)) return [localStore("/", surroundings)];
  throw new StoreError(
    `Cannot use store "${utf8ToBinary(uri)}": only Nix's own programs know it, and they aren't on the PATH`,
  );
}

function foundPlaces(surroundings: StoreSurroundings): readonly StorePlace[] {
  const daemon = usualDaemon(surroundings);
  const places: StorePlace[] = exists(daemon.socket) ? [daemon] : [];
  const program = nixProgram(surroundings);
  if (program !== undefined) return [...places, { ...program, ...elsewhere(realStoreDirFound(surroundings)) }];
  const root = defaultRoot(surroundings);
  return root === undefined ? nonEmpty(places) : [...places, localStore(root, surroundings)];
}

function elsewhere(realStoreDir: string | undefined): { readonly realStoreDir?: string } {
  return realStoreDir === undefined ? {} : { realStoreDir };
}

/** Returns where C++ Nix has the files of a store, as its URI says; undefined if it doesn't. */
function realStoreDirIn(uri: string): string | undefined {
  const [, base, query = ""] = /^([^?]*)(?:\?(.*))?$/s.exec(uri)!;
  if (!/^(?:local(?::\/\/)?$|daemon$|unix:|\/)/.test(base)) return undefined;
  const parameters = new Map<string, string>();
  for (const part of query.split("&")) {
    const [name, value = ""] = part.split("=", 2);
    parameters.set(name, decoded(value));
  }
  const root = parameters.get("root") ?? (base[0] === "/" ? base : "");
  return parameters.get("real") || (root === "" ? undefined : `${root.replace(/\/+$/, "")}/nix/store`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The same where C++ Nix chooses, but for a daemon: a user who can have no store at /nix has one of their own. */
function realStoreDirFound(surroundings: StoreSurroundings): string | undefined {
  const { env } = surroundings;
  if (env("NIX_STORE_DIR") || env("NIX_STATE_DIR") || exists("/nix/var/nix") || Deno.uid() === 0) return undefined;
  const root = defaultRoot(surroundings);
  return root === undefined ? undefined : `${root}/nix/store`;
}

function nonEmpty(places: readonly StorePlace[]): readonly StorePlace[] {
  if (places.length > 0) return places;
  throw new StoreError(
    "Cannot choose a store: no Nix daemon, no nix-store on the PATH, and neither XDG_DATA_HOME nor HOME is set",
  );
}

function usualDaemon({ env }: StoreSurroundings) {
  const socket = env("NIX_DAEMON_SOCKET_PATH") || `${env("NIX_STATE_DIR") || "/nix/var/nix"}/daemon-socket/socket`;
  return { kind: "daemon", mode: "daemon", socket } as const;
}

function localStore(root: string, { env }: StoreSurroundings): StorePlace {
  return {
    kind: "local",
    mode: `local:${root}`,
    layout: layoutBelow(root, { storeDir: env("NIX_STORE_DIR") || undefined }),
  };
}

/** Where C++ Nix puts a store of a user who can have none at /nix. */
function defaultRoot({ env }: StoreSurroundings): string | undefined {
  const home = env("HOME");
  const data = env("XDG_DATA_HOME") || (home ? `${home}/.local/share` : undefined);
  return data === undefined ? undefined : `${data}/nix/root`;
}

function nixProgram(
  surroundings: StoreSurroundings,
  variables: Readonly<Record<string, string>> = {},
): Extract<StorePlace, { readonly kind: "program" }> | undefined {
  for (const folder of (surroundings.env("PATH") ?? "").split(":")) {
    if (folder === "" || !exists(`${folder}/nix-store`)) continue;
    const program = `${folder}/nix-daemon`;
    if (!exists(program)) continue;
    return {
      kind: "program",
      mode: "nix-store-add",
      program,
      env: { ...variables, ...featureVariables(surroundings) },
    };
  }
  return undefined;
}

function featureVariables({ env, features }: StoreSurroundings): Readonly<Record<string, string>> {
  if (features === undefined || features.size === 0) return {};
  return { NIX_CONFIG: `${env("NIX_CONFIG") ?? ""}\nexperimental-features = ${[...features].join(" ")}` };
}

function absolute(path: string, { cwd }: StoreSurroundings): string {
  return path.startsWith("/") ? path : `${cwd}/${path}`;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
