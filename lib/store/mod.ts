// The public face of the stores: a daemon's client, a store of our own on disk, and what is done with any of them. See each
// file for its model.

export { openTarget, type OpenTargetOptions } from "./background/open_target.ts";
export type { StorePlace } from "./background/context.ts";
export { prepare } from "./background/prepare.ts";
export type { Addition, AdditionContents, Collected, RootOptions, Target, VerifyOptions } from "./background/target.ts";
export { BackgroundStore, type BackgroundStoreOptions, type StoreReport } from "./background_store.ts";
export { ComputeOnlyStore, type ReadableStore } from "./compute_only.ts";
export { type AddedObject, type ContentAddressed, DaemonClient, type DaemonSettings } from "./daemon/client.ts";
export type { ConnectionOptions, DaemonInfo, DaemonLog } from "./daemon/connection.ts";
export { ConnectionError, DaemonError, NoDaemonError } from "./daemon/errors.ts";
export { connectUnix, startChild, type Transport } from "./daemon/transport.ts";
export { notValid, StoreError } from "./errors.ts";
export { HOST_TREE, hostStat } from "./files/host_tree.ts";
export { LocalStore } from "./local.ts";
export { layoutBelow, type StoreLayout } from "./local/layout.ts";
export { MemoryStore } from "./memory.ts";
export { isStoreName, openPlaces, openStore, storePlaces, storePlacesOf, type StoreSurroundings } from "./open.ts";
export type { HostTree, PathInfo, SourceObject, Store, TextObject } from "./store.ts";
