/**
 * The settings that change what a Nix program means or how its errors look. The composition root fills them in from
 * nix.conf, NIX_CONFIG and the command line; names in comments are Nix's.
 */

/** What to do about a questionable construct. */
export type Lint = "ignore" | "warn" | "fatal";

/** What evaluation depends on besides the program and the world; each is a setting of nix.conf. */
export interface EvalSettings {
  /** `pure-eval` */
  readonly pureEval: boolean;
  /** `restrict-eval` */
  readonly restrictEval: boolean;
  /** `allowed-uris` */
  readonly allowedUris: readonly string[];
  /** `trace-verbose` */
  readonly traceVerbose: boolean;
  /** `abort-on-warn` (or NIX_ABORT_ON_WARN) */
  readonly abortOnWarn: boolean;
  /** `show-trace` */
  readonly showTrace: boolean;
  /** `max-call-depth` */
  readonly maxCallDepth: number;
  /** `allow-import-from-derivation` */
  readonly allowImportFromDerivation: boolean;
  /** `experimental-features` */
  readonly features: ReadonlySet<string>;
  /** `lint-url-literals` */
  readonly lintUrlLiterals: Lint;
  /** `lint-short-path-literals` */
  readonly lintShortPathLiterals: Lint;
  /** `lint-absolute-path-literals` */
  readonly lintAbsolutePathLiterals: Lint;
  /** `eval-system`, else `system`: the value of `builtins.currentSystem` */
  readonly system: string;
}

/** C++ Nix's defaults, on x86-64 Linux. */
export const DEFAULT_SETTINGS: EvalSettings = {
  pureEval: false,
  restrictEval: false,
  allowedUris: [],
  traceVerbose: false,
  abortOnWarn: false,
  showTrace: false,
  maxCallDepth: 10000,
  allowImportFromDerivation: true,
  features: new Set(),
  lintUrlLiterals: "ignore",
  lintShortPathLiterals: "ignore",
  lintAbsolutePathLiterals: "ignore",
  system: "x86_64-linux",
};
