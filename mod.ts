/**
 * devix as a library: open a {@link Session}, parse and evaluate Nix in it, look at the values.
 *
 * Strings of the language, file contents and paths are binary strings: one char (0..255) per byte.
 * {@link encodeUtf8} and {@link decodeUtf8Lossy} convert.
 */
export * from "./language.ts";
export type { Evaluator } from "./lib/evaluator.ts";
export { symbolCount, SymbolOrder, watchSymbols } from "./lib/syntax/symbols.ts";
export { PieceExpr } from "./lib/syntax/ast.ts";
export type { TreeCache } from "./lib/runtime/tree_cache.ts";
export { bestMatch, bestMatchesOf } from "./lib/text/suggestions.ts";
export { jsonErrorIn, JsonParseError, JsonValueError } from "./lib/text/json.ts";
export { binaryToBytes, bytesToBinary } from "./lib/format/bytes.ts";
export { FormatError } from "./lib/format/errors.ts";
export { attrsFromJson } from "./lib/fetch/attrs.ts";
export { parseFlakeRef } from "./lib/fetch/flake_ref.ts";
export { inputFromAttrs, type InputOptions, relativePathOf } from "./lib/fetch/input.ts";
export { type LockFile, type LockNode, parseLockFile, resolveEdge } from "./lib/fetch/lock_file.ts";
export { FetchError, type FetchErrorCode, redactUrl } from "./lib/fetch/errors.ts";
export { type Fetch, fetchedStorePath } from "./lib/fetch/fetch.ts";
export { isPseudoUrl } from "./lib/fetch/pseudo_url.ts";
export { type Fetched, Fetcher, type FetchResult } from "./lib/fetch/fetcher.ts";
export type { FetchActivity, FetchActivityKind, FetchReport } from "./lib/fetch/report.ts";
export { DEFAULT_FETCH_SETTINGS, type FetchSettings, inputOptions } from "./lib/fetch/settings.ts";
export type { Derivation, DerivationOutput } from "./lib/format/derivation.ts";
export { type Hash, printHash } from "./lib/format/hash.ts";
export { hashListing } from "./lib/format/listing.ts";
export {
  DEFAULT_STORE_DIR,
  type DrvPath,
  isStorePath,
  splitStorePath,
  type StorePath,
  storePathBaseName,
} from "./lib/format/store_path.ts";
export { HostIO, type HostIOOptions } from "./lib/io/host.ts";
export { type EnvInput, EvalInputs, type FileInput, inputLogLine, type InputOp } from "./lib/io/inputs.ts";
export { noteOf, type Observations, partsOf, RecordingIO, type RecordingOptions } from "./lib/io/recording.ts";
export { isWithin, parentPath } from "./lib/io/source_io.ts";
export { WorldCheck } from "./lib/io/world_check.ts";
export { type FolderTreeCache, treeCache } from "./lib/io/tree_cache.ts";
export { type KnownPath, KnownPaths, UnknownPathError } from "./lib/known_paths.ts";
export { attrPos, attrsSize, flat } from "./lib/runtime/attrs.ts";
export { parseAttrPath } from "./lib/runtime/attr_path.ts";
export { autoCall } from "./lib/runtime/auto_call.ts";
export { canonPath, coerceToString, type Coercion, STRONG, WEAK } from "./lib/runtime/coerce.ts";
export { type Context, parseElement } from "./lib/runtime/context.ts";
export { Bug, errorCount, evalError, hint, isStackOverflow, stripEscapes, typeError } from "./lib/runtime/errors.ts";
export { fetchNixError } from "./lib/runtime/fetch_error.ts";
export { forceStringNoContext, isDerivation } from "./lib/runtime/expect.ts";
export { ioPath } from "./lib/runtime/internal_path.ts";
export { jsFromJson } from "./lib/runtime/js.ts";
export { lowerCallDepth, restoreCallDepth, setMaxCallDepth } from "./lib/runtime/depth.ts";
export { PRINT_ALL, printValue, showPos } from "./lib/runtime/print.ts";
export { renderError, renderWarning } from "./lib/runtime/render_error.ts";
export { isUnevaluated, type Thunk } from "./lib/runtime/thunk.ts";
export { type BadString, type JsonOptions, throwBadString } from "./lib/runtime/to_json.ts";
export { depend, madeByNobody, noteLaziness, say, Tracker } from "./lib/runtime/tracking.ts";
export { writeXml } from "./lib/runtime/to_xml.ts";
export { stringContext } from "./lib/runtime/value.ts";
export { valuePos } from "./lib/runtime/value_pos.ts";
export type { Activity, LogPosition, LogRecord } from "./lib/log/internal_json.ts";
export { realStoreDirOf, type StorePlace } from "./lib/store/background/context.ts";
export { BackgroundStore, type StoreReport } from "./lib/store/background_store.ts";
export { ComputeOnlyStore, type ReadableStore } from "./lib/store/compute_only.ts";
export { StoreError } from "./lib/store/errors.ts";
export { hostStat } from "./lib/store/files/host_tree.ts";
export {
  isStoreName,
  openPlaces,
  openStore,
  storePlaces,
  storePlacesOf,
  type StoreSurroundings,
} from "./lib/store/open.ts";
export type { PathInfo, SourceObject, Store, TextObject } from "./lib/store/store.ts";
export { BarLogger } from "./lib/log/bars.ts";
export { JsonLogger, type LogFormat, type Logger, RawLogger } from "./lib/log/logger.ts";
export { filterEscapes } from "./lib/log/terminal.ts";
