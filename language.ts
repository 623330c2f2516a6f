/**
 * The language alone, for browsers and the like: what of devix as a library needs neither Deno nor a host. Files are a
 * {@link MemoryIO}'s or your own {@link SourceIO}'s, and must be given to the session.
 *
 * Of Node's modules it needs two, for hashes and for strings of bytes; `browser/mod.ts` puts stand-ins in their place. See
 * docs/typescript.md.
 */
export { Session, type SessionOptions } from "./session.ts";
export { NO_POS, type Origin, type Pos, PosTable, type ResolvedPos } from "./lib/syntax/positions.ts";
export { show } from "./lib/syntax/show.ts";
export { intern, symbolName } from "./lib/syntax/symbols.ts";
export type { Expr } from "./lib/syntax/ast.ts";
export { type MemoryFile, MemoryIO, type MemoryIOOptions } from "./lib/io/memory.ts";
export type { FileStat, SourceIO } from "./lib/io/source_io.ts";
export type { NarContents } from "./lib/format/nar.ts";
export type {
  KnownDerivation,
  KnownFetch,
  KnownPathsObserver,
  KnownSource,
  KnownText,
  OutputPaths,
  WholeDerivation,
} from "./lib/known_paths.ts";
export { Attrs, AttrsBuilder, EMPTY_ATTRS, getAttr } from "./lib/runtime/attrs.ts";
export { selectAttrPath } from "./lib/runtime/attr_path.ts";
export type { Builtin, BuiltinConstant } from "./lib/runtime/builtin.ts";
export { call1, call2 } from "./lib/runtime/call.ts";
export { ContextBuilder } from "./lib/runtime/context.ts";
export {
  drvPathOf,
  findDerivations,
  type FoundDerivation,
  outputNameOf,
  type SearchOptions,
} from "./lib/runtime/derivations.ts";
export { type ErrorKind, type Frame, NixError } from "./lib/runtime/errors.ts";
export { forceDeep } from "./lib/runtime/force_deep.ts";
export type { EvalIO, FileIdentity, FileType, ImportPathOptions } from "./lib/runtime/io.ts";
export { builtin, fromJs, type JsFunction, type JsInput, type JsValue, toJs, toJsonText } from "./lib/runtime/js.ts";
export type { EvalLog } from "./lib/runtime/log.ts";
export { printAmbiguous } from "./lib/runtime/print.ts";
export { DEFAULT_SETTINGS, type EvalSettings, type Lint } from "./lib/runtime/settings.ts";
export { force, lazy } from "./lib/runtime/thunk.ts";
export { toJson } from "./lib/runtime/to_json.ts";
export { toXml } from "./lib/runtime/to_xml.ts";
export {
  ContextString,
  Float,
  isString,
  PathValue,
  Primop,
  type Slot,
  stringText,
  type Value,
} from "./lib/runtime/value.ts";
export { decodeUtf8Lossy, encodeUtf8 } from "./lib/text/utf8.ts";
