/**
 * What `devix serve` and its callers say to each other: one JSON object a line, in UTF-8 (docs/serve-protocol.md).
 *
 * Requests are carried out in the order in which they come, one at a time; each is answered exactly once, with its id.
 * While one is carried out, the server may call back a function that the caller offered, and waits for what it returns.
 */

/** What a request is known by. */
export type RequestId = string | number;

/** Anything JSON can say. Integers that a number would round are bigints. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

/** A function of the caller's that Nix programs can call. */
export interface PrimopSpec {
  readonly name: string;
  /** How many arguments it takes, at least 1. */
  readonly arity: number;
}

/** What to evaluate, in what surroundings: the flags of `devix instantiate`. */
export interface OpenParams {
  /** The name by which other requests refer to it; "default" unless given. What had the name is closed. */
  readonly handle?: string;
  /** A file or directory; one of `file` and `expr`, or `./default.nix`. */
  readonly file?: string;
  readonly expr?: string;
  /** What the root is called with: a file, or Nix text. */
  readonly argsFile?: string;
  readonly argsExpr?: string;
  /** Nix expressions, and strings, for functions that are met on the way to an attribute. */
  readonly arg?: { readonly [name: string]: string };
  readonly argstr?: { readonly [name: string]: string };
  /** What relative paths start from; the server's own directory unless given. */
  readonly cwd?: string;
  readonly system?: string;
  /** Hides environment, time, system and search path; files stay readable. */
  readonly pure?: boolean;
  /** Variables for `getEnv`. */
  readonly env?: { readonly [name: string]: string };
  /** Entries of the search path, as for `-I`. */
  readonly include?: readonly string[];
  /** Settings, as in nix.conf. */
  readonly options?: { readonly [name: string]: string };
  readonly offline?: boolean;
  /** Absolute paths. Means nothing any more: all that may change is told apart finely. */
  readonly volatile?: readonly string[];
  /** Functions that are called back. They are put into the root's arguments as the set `primops`. */
  readonly primops?: readonly PrimopSpec[];
}

/** What was opened before. */
export interface HandleParams {
  /** "default" unless given. */
  readonly handle?: string;
}

/** Attributes to evaluate. */
export interface AttrsParams extends HandleParams {
  /** Selection paths; the root itself ("") unless given. */
  readonly attrs?: readonly string[];
}

/** Attributes to instantiate. */
export interface InstantiateParams extends AttrsParams {
  /** Goes on with other attributes after an error. */
  readonly keepGoing?: boolean;
}

/** What has changed. Without any of these everything that was looked at is looked at again. */
export interface InvalidateParams extends HandleParams {
  /** Absolute paths; each stands for what is there and all below. */
  readonly paths?: readonly string[];
  /** New values of variables; null unsets one. */
  readonly env?: { readonly [name: string]: string | null };
  /** Functions of the caller's that would return something else now. */
  readonly primops?: readonly string[];
}

/** Which request isn't wanted any more. */
export interface CancelParams {
  readonly id: RequestId;
}

/** A command line to carry out as if it had been given to a process of its own. */
export interface RunParams {
  /** The command first. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: { readonly [name: string]: string };
  readonly umask: number;
  /** What the caller's standard error is: "tty" or "pipe". */
  readonly terminal: string;
  /** Whether standard error shows colours. */
  readonly colours: boolean;
  /** Whether it shows lines that go again, and how wide it is. */
  readonly bars: boolean;
  readonly columns: number;
  /** Whether nobody waits for it: it says nothing, writes nothing, and is done so that the next such command is quick. */
  readonly ahead?: boolean;
}

/** What came of a command: its exit code, or why it has to be carried out by somebody else. */
export type RunResult =
  /** `kept`: values of other jobs were of use. `answered`: nothing was evaluated, as the answer was known. */
  | { readonly code: number; readonly kept?: true; readonly answered?: true }
  | { readonly refused: string };

/** To the caller: what a command prints (every char is a byte), or that it wants the caller's standard input. */
export type Output =
  | { readonly id: RequestId; readonly out: string }
  | { readonly id: RequestId; readonly err: string }
  /** For standard error too, about what goes on just now. */
  | { readonly id: RequestId; readonly passing: string }
  | { readonly id: RequestId; readonly want: "stdin" };

/** From the caller: its standard input; every char is a byte. */
export interface Stdin {
  readonly stdin: string;
}

/** The parameters of each method. */
export interface Methods {
  readonly open: OpenParams;
  readonly eval: AttrsParams;
  readonly instantiate: InstantiateParams;
  readonly inputs: HandleParams;
  readonly invalidate: InvalidateParams;
  readonly close: HandleParams;
  readonly cancel: CancelParams;
  readonly version: Record<string, never>;
  readonly shutdown: Record<string, never>;
  /** Only for `devix warm daemon`, which starts the server for it. */
  readonly run: RunParams;
}

/** The name of a method. */
export type Method = keyof Methods;

/** From the caller: do something. */
export type Request = {
  readonly [M in Method]: { readonly id: RequestId; readonly method: M; readonly params?: Methods[M] };
}[Method];

/** From the caller: what a function of its own returned, or why it couldn't. */
export interface Return {
  /** The number of the call. */
  readonly return: number;
  readonly value?: Json;
  readonly error?: string;
}

/** To the caller: call a function of yours. */
export interface Call {
  readonly call: number;
  /** The request that is being carried out. */
  readonly request: RequestId;
  readonly primop: string;
  readonly args: readonly Json[];
}

/** A place in a trace. */
export interface TraceFrame {
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

/** Why something failed. */
export interface ErrorInfo {
  /**
   * "usage" for a request that makes no sense, "cancelled", "out-of-memory", "unsupported" (the caller may fall back), or
   * the kind of an evaluation error: "throw", "assert", "type", "parse", "fetch", "store", …
   */
  readonly type: string;
  readonly message: string;
  /** As a person would be shown it. */
  readonly rendered: string;
  /** Outermost first. */
  readonly trace: readonly TraceFrame[];
}

/** To the caller: what came of a request. The id is null where it couldn't be read. */
export type Response =
  | { readonly id: RequestId; readonly result: Json }
  | { readonly id: RequestId | null; readonly error: ErrorInfo };

/** Part of a string's context: an output of a derivation ("*" for all), or a path. */
export type ContextElement = { readonly drvPath: string; readonly outputs: readonly string[] } | {
  readonly path: string;
};

/** What an attribute turned out to be. */
export type InstantiateResult =
  | {
    readonly attr: string;
    readonly kind: "derivation";
    readonly name: string | null;
    readonly system: string | null;
    readonly drvPath: string;
    readonly outPath: string | null;
    readonly outputName: string;
    readonly outputs: { readonly [name: string]: string | null };
  }
  | {
    readonly attr: string;
    readonly kind: "string";
    readonly value: string;
    readonly context: readonly ContextElement[];
  }
  | { readonly attr: string; readonly kind: "other"; readonly json: Json }
  | { readonly attr: string; readonly error: ErrorInfo };

/** A file that was depended on. */
export interface FileInputInfo {
  readonly op: "evaluate" | "readFile" | "readDir" | "pathExists" | "resolve" | "copy";
  readonly path: string;
  readonly target?: string;
  readonly type?: string;
  readonly hash?: string;
}

/** What evaluation depended on. */
export interface InputsInfo {
  readonly files: readonly FileInputInfo[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly fetched: readonly Json[];
}

/** What each method returns. */
export interface Results {
  readonly open: { readonly handle: string };
  /** In the order of `attrs`. */
  readonly eval: { readonly values: readonly Json[] };
  readonly instantiate: {
    readonly version: 1;
    readonly results: readonly InstantiateResult[];
    readonly store: { readonly mode: string; readonly added: readonly Json[]; readonly alreadyValid: number };
    readonly stats: { readonly milliseconds: number; readonly derivations: number };
  };
  readonly inputs: InputsInfo;
  /**
   * Which files' values were thrown away, and how many are kept. The root's own value is "" among them. `reset` tells how
   * many values in all will be evaluated again.
   */
  readonly invalidate: { readonly dropped: readonly string[]; readonly kept: number; readonly reset: number };
  readonly close: Record<string, never>;
  /** Whether the request was still there to be cancelled. */
  readonly cancel: { readonly cancelled: boolean };
  readonly version: { readonly version: string; readonly protocol: number };
  readonly shutdown: Record<string, never>;
  readonly run: RunResult;
}

/** Counts changes that old callers can't live with. */
export const PROTOCOL_VERSION = 1;
