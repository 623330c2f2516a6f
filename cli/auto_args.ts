/** What functions are called with that are met on the way to a result: `--arg` and its kind. */
import {
  type Attrs,
  AttrsBuilder,
  binaryToBytes,
  canonPath,
  type EvalInputs,
  hint,
  intern,
  NixError,
  type Session,
  type Slot,
} from "../mod.ts";
import type { Flag } from "./flags.ts";
import { hostReason } from "../lib/host_reason.ts";
import type { Process } from "./process.ts";

/** A value, as given by a flag. */
type AutoArg = { readonly kind: "expr" | "string" | "file"; readonly text: string } | { readonly kind: "stdin" };

/** The arguments that flags have given. */
export class AutoArgs {
  readonly #args = new Map<string, AutoArg>();
  readonly #process: Process;
  readonly #inputs: () => EvalInputs | null;

  /** `inputs` returns where files that are read are noted, if they are. */
  constructor(process: Process, options: { readonly inputs: () => EvalInputs | null }) {
    this.#process = process;
    this.#inputs = options.inputs;
  }

  /** The flags, for a group of the help. */
  flags(group: string): Flag[] {
    const flag = (name: string, value: string, kind: "expr" | "string" | "file", help: string): Flag => ({
      name,
      values: ["NAME", value],
      help: `Pass ${help} as argument NAME to functions.`,
      group,
      run: (arg, text) => void this.#args.set(arg, { kind, text }),
    });
    return [
      flag("arg", "EXPR", "expr", "a Nix expression"),
      flag("argstr", "STRING", "string", "a string"),
      flag("arg-from-file", "PATH", "file", "the contents of a file"),
      {
        name: "arg-from-stdin",
        values: ["NAME"],
        help: "Pass standard input as argument NAME to functions.",
        group,
        run: (arg) => void this.#args.set(arg, { kind: "stdin" }),
      },
    ];
  }

  /** Returns the arguments as a set. @throws {NixError} if one is no expression or its file can't be read */
  build(session: Session): Attrs {
    const args = new AttrsBuilder();
    for (const [name, arg] of [...this.#args].sort(([a], [b]) => a < b ? -1 : 1)) {
      args.add(intern(name), this.#slot(arg, session));
    }
    return args.build();
  }

  /** What they are made from besides the world. @throws {NixError} if a file can't be read */
  get key(): string {
    const texts = [...this.#args].map(([name, arg]) => [
      name,
      arg.kind,
      arg.kind === "stdin" ? this.#process.readStdin() : arg.kind === "file" ? this.#read(arg.text) : arg.text,
    ]);
    return JSON.stringify(texts.sort());
  }

  #slot(arg: AutoArg, session: Session): Slot {
    switch (arg.kind) {
      case "string":
        return arg.text;
      case "stdin":
        return this.#process.readStdin();
      case "file":
        return this.#read(arg.text);
      case "expr": {
        const expr = session.parse(arg.text, { kind: "string" });
        return session.keepSlot(JSON.stringify(["arg", arg.text]), () => session.evaluate(expr));
      }
    }
  }

  #read(path: string): string {
    const process = this.#process;
    const inputs = this.#inputs();
    const input = inputs?.file("readFile", canonPath(path[0] === "/" ? path : `${process.cwd}/${path}`));
    try {
      const text = process.readFile(path);
      if (input !== undefined) input.hash ??= inputs!.hash(binaryToBytes(text));
      return text;
    } catch (e) {
      if (!(e instanceof Error) || e instanceof RangeError) throw e;
      // As for C++ Nix, a directory can be opened and not be read.
      const reason = e instanceof Deno.errors.NotFound ? "No such file or directory" : hostReason(e);
      if (e instanceof Deno.errors.IsADirectory) throw new NixError("io", hint`read of ${65536} bytes: ${reason}`);
      throw new NixError("io", `opening file ${hint`${`"${path}"`}: ${reason}`}`);
    }
  }
}
