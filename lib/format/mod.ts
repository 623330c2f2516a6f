// The public face of the format library: Nix's file and wire formats as values and back. See each file for its model.

export { binaryToBytes, binaryToUtf8, bytesToBinary, concatBytes, equalBytes, isAscii, utf8ToBinary } from "./bytes.ts";
export {
  DerivationError,
  FormatError,
  HashError,
  NarError,
  NarInfoError,
  StorePathError,
  StorePathNameError,
  TruncatedError,
  WireError,
} from "./errors.ts";
export { decodeBase16, decodeBase64, encodeBase16, encodeBase64 } from "./base_encodings.ts";
export { decodeNixbase32, encodeNixbase32, NIXBASE32_ALPHABET, nixbase32Length } from "./nixbase32.ts";
export {
  compressHash,
  digestLength,
  equalHashes,
  type Hash,
  type HashAlgo,
  hashBytes,
  Hasher,
  type HashFormat,
  hashHex,
  hashOf,
  isHashAlgo,
  parseHash,
  parseHashAlgo,
  parseHashAllowEmpty,
  parseHashAs,
  parseHashFormat,
  parseHashPrefixed,
  parseHashUnprefixed,
  parseHashWithFormat,
  parseSri,
  printHash,
} from "./hash.ts";
export {
  checkStorePathBaseName,
  checkStorePathName,
  DEFAULT_STORE_DIR,
  drvNameFromPath,
  type DrvPath,
  isDrvPath,
  isInStore,
  isStorePath,
  makeOutputPath,
  makeStorePath,
  MAX_NAME_LENGTH,
  outputPathName,
  parseStorePath,
  splitStorePath,
  type StoreDirOptions,
  type StorePath,
  storePathBaseName,
  storePathFromBaseName,
  storePathHashPart,
  storePathName,
} from "./store_path.ts";
export {
  type ContentAddress,
  type ContentAddressMethod,
  contentAddressPrefix,
  makeFixedOutputPath,
  makeTextPath,
  makeTextPathOfHash,
  parseContentAddress,
  parseContentAddressMethod,
  printContentAddress,
  splitContentAddressPrefix,
  type StoreReferences,
  type TextPathOptions,
} from "./content_address.ts";
export { downstreamPlaceholder, dynamicPlaceholder, placeholder } from "./placeholder.ts";
export {
  type Derivation,
  type DerivationOutput,
  type DerivationType,
  derivationType,
  fixedOutput,
  type InputDrv,
  newDerivation,
  STRUCTURED_ATTRS_VAR,
} from "./derivation.ts";
export { parseAterm, quoteAterm, writeAterm } from "./aterm.ts";
export {
  checkOutputPaths,
  fillInOutputPaths,
  type HashModulo,
  hashModulo,
  instantiate,
  type Instantiated,
  makeDrvPath,
  type ModuloLookup,
} from "./hash_modulo.ts";
export {
  type ByteSink,
  fileNarFrame,
  type FileTree,
  type FileType,
  hashNar,
  MAX_NAR_DEPTH,
  narBytes,
  narChunks,
  type NarContents,
  type NarOptions,
  type NarSource,
  type NarStat,
  treeSource,
  writeNar,
} from "./nar.ts";
export { type NarEvent, NarReader, narTree, readNar, readNarAsync } from "./nar_reader.ts";
export {
  DERIVATION_JSON_VERSION,
  parseDerivationJson,
  printDerivationJson,
  printDerivationsJson,
} from "./derivation_json.ts";
export { listNar, type NarListing, printNarListing } from "./nar_listing.ts";
export { fingerprint, type NarInfo, parseNarInfo, type PathInfo, printNarInfo } from "./narinfo.ts";
export {
  parsePublicKey,
  parseSecretKey,
  parseSignature,
  printSignature,
  type PublicKey,
  publicKeyOf,
  type SecretKey,
  sign,
  type Signature,
  verify,
} from "./signature.ts";
export { WireReader, WireWriter } from "./wire.ts";
export { type ExportedPath, type ExportEvent, ExportWriter, readExport } from "./export.ts";
