/**
 * What `devix eval` and `devix instantiate` work on: a file or an expression, perhaps applied to arguments, and the
 * attributes of it that are wanted. The flags are those of the contract with callers such as devenv.
 */
import {
  autoCall,
  call1,
  call2,
  force,
  hint,
  isStoreName,
  NO_POS,
  type Origin,
  selectAttrPath,
  type Session,
  type SessionOptions,
  type Slot,
  type Value,
} from "../mod.ts";
import type { Flag } from "./flags.ts";
import type { Setup } from "./setup.ts";
import { UsageError } from "./usage_error.ts";

type Text = { readonly kind: "file" | "expr"; readonly text: string };

const ADD_PRIMOPS = "args: primops: args // { inherit primops; }";
const INTERNAL: Origin = { kind: "string" };

/** Collects what the command line says about the root. */
export class Root {
  /** Selection paths; "" for the root itself. */
  readonly attrPaths: string[] = [];
  /** Where results are written: "auto", "daemon", "unix:PATH", "nix-store-add", "local:DIR" or "none". */
  store = "auto";
  readonly #setup: Setup;
  readonly #env = new Map<string, string>();
  #root: Text | null = null;
  #args: Text | null = null;
  #pure = false;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /** Flags that say what to evaluate and in what surroundings. */
  flags(): Flag[] {
    const { settings } = this.#setup;
    const what = "What to evaluate";
    const surroundings = "Surroundings";
    return [
      {
        name: "file",
        short: "f",
        values: ["FILE"],
        help: "Evaluate a file, or the default.nix of a directory (default: ./default.nix).",
        group: what,
        run: (text) => this.#setRoot({ kind: "file", text }),
      },
      {
        name: "expr",
        short: "E",
        values: ["EXPR"],
        help: "Evaluate an expression.",
        group: what,
        run: (text) => this.#setRoot({ kind: "expr", text }),
      },
      {
        name: "attr",
        short: "A",
        values: ["ATTRPATH"],
        help: "Select an attribute, a.b.0; may be repeated.",
        group: what,
        run: (path) => void this.attrPaths.push(path),
      },
      {
        name: "jobs",
        values: ["N"],
        help:
          "Let N processes evaluate what several -A ask for. What is said while something\nthat several of these need is evaluated may be said more than once.",
        group: what,
        run: (text) => {
          if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError(hint`'${text}' is no number of processes`);
        },
      },
      {
        name: "args-file",
        values: ["FILE"],
        help: "Call what was evaluated with the value of a file.",
        group: what,
        run: (text) => this.#setArgs({ kind: "file", text }),
      },
      {
        name: "args-expr",
        values: ["EXPR"],
        help: "Call what was evaluated with the value of an expression.",
        group: what,
        run: (text) => this.#setArgs({ kind: "expr", text }),
      },
      {
        name: "system",
        values: ["SYSTEM"],
        help: "Be this system: builtins.currentSystem, which there is not with --pure.",
        group: surroundings,
        run: (system) => settings.set("system", system),
      },
      {
        name: "pure",
        help: "Hide environment, time, system and search path; files stay readable.",
        group: surroundings,
        run: () => this.#setPure(true),
      },
      {
        name: "impure",
        help: "Let the program see everything: files, environment, time (default).",
        group: surroundings,
        run: () => this.#setPure(false),
      },
      {
        name: "env",
        values: ["NAME=VALUE"],
        help: "Give builtins.getEnv a value, with --pure too; may be repeated.",
        group: surroundings,
        run: (text) => this.#setEnv(text),
      },
      {
        name: "no-eval-cache",
        help: "Evaluate, even if the same was asked before and nothing has changed.",
        group: surroundings,
        run: () => settings.override("eval-cache", false),
      },
      {
        name: "store",
        values: ["STORE"],
        choices: ["auto", "daemon", "unix:", "nix-store-add", "local:", "none"],
        help: "Where results go: auto, daemon, unix:PATH, nix-store-add, local:DIR or none.",
        group: surroundings,
        run: (store) => this.#setStore(store),
      },
      ...this.#setup.fetchFlags(),
    ];
  }

  /** Returns the selection paths that are asked for; the root's own if there are none. */
  allAttrPaths(): readonly string[] {
    return this.attrPaths.length === 0 ? [""] : this.attrPaths;
  }

  /** Takes an argument that is no flag: the file. */
  argument(text: string): void {
    this.#setRoot({ kind: "file", text });
  }

  #setRoot(root: Text): void {
    if (this.#root !== null) {
      throw new UsageError(hint`cannot evaluate '${root.text}' as well as '${this.#root.text}': give one of them`);
    }
    this.#root = root;
  }

  #setArgs(args: Text): void {
    if (this.#args !== null) {
      throw new UsageError(hint`cannot pass '${args.text}' as well as '${this.#args.text}': give one of them`);
    }
    this.#args = args;
  }

  #setPure(pure: boolean): void {
    this.#pure = pure;
    this.#setup.settings.set("pure-eval", String(pure));
  }

  #setEnv(text: string): void {
    const eq = text.indexOf("=");
    if (eq < 1) throw new UsageError(hint`'${text}' is not of the form NAME=VALUE`);
    this.#env.set(text.slice(0, eq), text.slice(eq + 1));
  }

  #setStore(store: string): void {
    if (!isStoreName(store)) {
      throw new UsageError(
        hint`'${store}' is no store: expected auto, daemon, unix:PATH, nix-store-add, local:DIR or none`,
      );
    }
    this.store = store;
    this.#setup.storeToRead = store;
  }

  /** Opens the session in the surroundings that were asked for. */
  openSession(options: Partial<SessionOptions> = {}): Session {
    return this.#setup.openSession({
      ...this.environment(),
      pureReadsFiles: this.#pure,
      ...options,
    });
  }

  /** The environment that evaluation sees. */
  environment(): { readonly env: ReadonlyMap<string, string>; readonly inheritEnv: boolean } {
    return { env: this.#env, inheritEnv: !this.#pure };
  }

  /**
   * Evaluates the root and returns what finds attributes of it. `primops` is added to what the root is called with, under
   * that name.
   */
  evaluate(session: Session, { primops }: { readonly primops?: Value } = {}): (attrPath: string) => Slot {
    const autoArgs = this.#setup.autoArgs.build(session);
    const args = this.#args ?? (primops === undefined ? null : { kind: "expr", text: "{ }" });
    const key = [this.#root, args];
    const root = keeper(session, JSON.stringify(["root", ...key]), () => {
      const root = this.#value(this.#root ?? this.#default(), session);
      if (args === null) return root;
      let value = this.#value(args, session);
      if (primops !== undefined) {
        value = call2(session.evaluate(session.parse(ADD_PRIMOPS, INTERNAL)), value, primops, NO_POS);
      }
      return call1(root, value, NO_POS);
    });
    root();
    const { key: autoArgsKey } = this.#setup.autoArgs;
    // C++ Nix calls a function once for each path, of which nothing can be told but what is said meanwhile, and the time.
    const called = keeper(session, JSON.stringify(["called", ...key, autoArgsKey]), () => autoCall(root(), autoArgs));
    return (attrPath) =>
      session.keep(
        JSON.stringify(["select", ...key, attrPath, autoArgsKey]),
        () =>
          force(attrPath === "" ? called() : autoCall(selectAttrPath(root(), attrPath, autoArgs, called), autoArgs)),
      );
  }

  /** Called without anything, in a directory that has nothing: no error of a Nix program. */
  #default(): Text {
    const { process } = this.#setup;
    if (!process.exists(`${process.cwd}/default.nix`)) {
      throw new UsageError(
        "nothing to evaluate: there is no ./default.nix; name a file, or give an expression with -E",
      );
    }
    return { kind: "file", text: "." };
  }

  #value({ kind, text }: Text, session: Session): Value {
    const expr = kind === "expr"
      ? session.parse(text, { kind: "string" })
      : session.evaluator.parseFile(this.#setup.fileArgument(text, session));
    return session.evaluate(expr);
  }
}

/**
 * Returns what evaluates something once, and gives it to all who want it: each of them depends on it then, where that is
 * noted.
 */
export function keeper(session: Session, key: string, compute: () => Value): () => Value {
  let value: Value;
  let isThere = false;
  return () =>
    session.keep(key, () => {
      if (!isThere) value = compute();
      isThere = true;
      return value;
    });
}
