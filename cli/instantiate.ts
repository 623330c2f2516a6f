/** `devix instantiate`: derivations, and what else a caller needs to build them. */
import {
  Attrs,
  coerceToString,
  type Context,
  ContextBuilder,
  decodeUtf8Lossy,
  type DrvPath,
  drvPathOf,
  EMPTY_ATTRS,
  encodeUtf8,
  type EvalInputs,
  findDerivations,
  force,
  forceStringNoContext,
  getAttr,
  intern,
  isDerivation,
  isStorePath,
  isString,
  NixError,
  outputNameOf,
  parseElement,
  type Session,
  type Slot,
  toJson,
  UnknownPathError,
  WEAK,
} from "../mod.ts";
import { type CommandSpec, report } from "./command.ts";
import { Root } from "./root.ts";
import type { Setup } from "./setup.ts";

const NAME = intern("name");
const SYSTEM = intern("system");
const OUT_PATH = intern("outPath");

/** The command. */
export const INSTANTIATE: CommandSpec = {
  name: "instantiate",
  usage: "[FLAGS] [FILE | -E EXPR] [-A ATTRPATH]...",
  summary: "Evaluates Nix to derivations and prints their paths, or with --json all there is to know of them.",
  details: `  devix instantiate --dry-run ./packages.nix
  devix instantiate --dry-run --json ./packages.nix -A hello -A world`,
  prepare: (setup) => {
    const root = new Root(setup);
    const how = { json: false, keepGoing: false, dryRun: false };
    const group = "Output";
    const flags = [
      { name: "json", help: "Print a JSON document.", group, run: () => void (how.json = true) },
      {
        name: "keep-going",
        short: "k",
        help: "Go on with other attributes after an error.",
        group,
        run: () => void (how.keepGoing = true),
      },
      {
        name: "dry-run",
        help: "Compute paths, write nothing to the store.",
        group,
        run: () => void (how.dryRun = true),
      },
    ];
    return {
      flags: [...root.flags(), ...setup.evalFlags(), ...flags],
      argument: (text) => root.argument(text),
      run: () => how.json ? printDocument(setup, root, how) : printPaths(setup, root, how),
    };
  },
};

interface How {
  readonly keepGoing: boolean;
  readonly dryRun: boolean;
}

function open(root: Root, { dryRun }: How, inputs?: EvalInputs): Session {
  if (dryRun || root.store === "none") return root.openSession(inputs === undefined ? {} : { inputs });
  throw new NixError("unsupported", "cannot write to a store yet: use --dry-run");
}

function printPaths(setup: Setup, root: Root, how: How): number {
  let code = 0;
  let select: ((attrPath: string) => Slot) | undefined;
  let session: Session | undefined;
  for (const attrPath of wanted(root)) {
    try {
      session ??= open(root, how);
      select ??= root.evaluate(session);
      for (const { attrs } of findDerivations(select(attrPath), { args: EMPTY_ATTRS })) {
        const drvPath = drvPathIn(attrs, session);
        const output = outputNameOf(attrs, drvPath);
        setup.process.out(`${drvPath}${output === "out" ? "" : `!${output}`}\n`);
      }
    } catch (e) {
      code = Math.max(code, report(e, setup).code);
      if (!how.keepGoing || select === undefined) return code;
    }
  }
  return code;
}

function printDocument(setup: Setup, root: Root, how: How): number {
  const started = performance.now();
  const inputs = setup.makeInputs();
  const results: string[] = [];
  let code = 0;
  let session: Session | undefined;
  let select: ((attrPath: string) => Slot) | undefined;
  for (const attrPath of wanted(root)) {
    try {
      session ??= open(root, how, inputs);
      select ??= root.evaluate(session);
      results.push(resultJson(attrPath, select(attrPath), session));
    } catch (e) {
      const reported = report(e, setup);
      code = Math.max(code, reported.code);
      results.push(members([["attr", quote(attrPath)], ["error", encodeUtf8(JSON.stringify(reported.json))]]));
      if (!how.keepGoing || select === undefined) break;
    }
  }
  const store = members([["mode", '"none"'], ["added", "[]"], ["alreadyValid", "0"]]);
  const stats = members([
    ["milliseconds", String(Math.round(performance.now() - started))],
    ["derivations", String(session === undefined ? 0 : countDerivations(session))],
  ]);
  const document = members([
    ["version", "1"],
    ["results", `[${results.join(",")}]`],
    ["store", store],
    ["inputs", inputsJson(inputs)],
    ["stats", stats],
  ]);
  setup.process.out(document + "\n");
  return code;
}

function wanted(root: Root): readonly string[] {
  return root.attrPaths.length === 0 ? [""] : root.attrPaths;
}

function countDerivations(session: Session): number {
  let count = 0;
  for (const known of session.knownPaths.entries()) if (known.kind === "derivation") count++;
  return count;
}

function drvPathIn(attrs: Attrs, session: Session): DrvPath {
  const { storeDir } = session.store;
  return drvPathOf(attrs, (path) => isStorePath(path, { storeDir })) as DrvPath;
}

/** One element of `results`. A set with an `outPath` that isn't a derivation counts as that string. */
function resultJson(attrPath: string, slot: Slot, session: Session): string {
  const attr: Member = ["attr", quote(attrPath)];
  const v = force(slot);
  if (isDerivation(v)) return members([attr, ["kind", '"derivation"'], ...derivationMembers(v, session)]);
  if (isString(v) || v instanceof Attrs && getAttr(v, OUT_PATH) !== undefined) {
    const context = new ContextBuilder();
    const text = coerceToString(v, context, { ...WEAK, copy: session.copyToStore }, "while evaluating a result");
    return members([
      attr,
      ["kind", '"string"'],
      ["value", toJson(text, new ContextBuilder(), { strict: true, copy: null })],
      ["context", contextJson(context.build())],
    ]);
  }
  return members([attr, ["kind", '"other"'], ["json", toJson(v, new ContextBuilder(), { strict: true, copy: null })]]);
}

function derivationMembers(attrs: Attrs, session: Session): Member[] {
  const drvPath = drvPathIn(attrs, session);
  const text = (name: number, what: string): string => {
    const slot = getAttr(attrs, name);
    return slot === undefined
      ? "null"
      : quote(forceStringNoContext(slot, `while evaluating the '${what}' of a derivation`));
  };
  const outPath = getAttr(attrs, OUT_PATH);
  const words = "while evaluating the output path of a derivation";
  const outPathText = outPath === undefined
    ? "null"
    : quote(coerceToString(outPath, new ContextBuilder(), WEAK, words));
  return [
    ["name", text(NAME, "name")],
    ["system", text(SYSTEM, "system")],
    ["drvPath", quote(drvPath)],
    ["outPath", outPathText],
    ["outputName", quote(outputNameOf(attrs, drvPath))],
    ["outputs", outputsJson(drvPath, session)],
  ];
}

/** Paths by output name; null where only building tells the path. */
function outputsJson(drvPath: DrvPath, session: Session): string {
  try {
    const { outputs } = session.knownPaths.derivation(drvPath).drv;
    return members([...outputs].map(([name, output]) => [name, "path" in output ? quote(output.path) : "null"]));
  } catch (e) {
    // A set that only looks like a derivation may name any .drv.
    if (e instanceof UnknownPathError) return "{}";
    throw e;
  }
}

function contextJson(context: Context | null): string {
  const paths: string[] = [];
  const outputs = new Map<string, string[]>();
  for (const text of context?.elements ?? []) {
    const element = parseElement(text);
    if (element.kind === "opaque") {
      paths.push(members([["path", quote(element.path)]]));
      continue;
    }
    // A context of the derivation with all it needs: every output.
    const [drvPath, output] = element.kind === "drvDeep" ? [element.drvPath, "*"] : [element.drvPath, element.output];
    if (typeof drvPath !== "string") {
      throw new NixError("unsupported", "cannot report an output of a derivation that is itself an output");
    }
    outputs.set(drvPath, [...outputs.get(drvPath) ?? [], output]);
  }
  const built = [...outputs].map(([drvPath, names]) =>
    members([["drvPath", quote(drvPath)], ["outputs", `[${names.map(quote).join(",")}]`]])
  );
  return `[${[...built, ...paths].join(",")}]`;
}

/** What evaluation depended on. */
function inputsJson(inputs: EvalInputs): string {
  const files = [...inputs.files()].map(({ op, path, target, type, hash }) => {
    const optional = Object.entries({ target, type, hash }).filter((entry): entry is [string, string] => {
      return entry[1] !== undefined;
    });
    return members([["op", quote(op)], ["path", quote(path)], ...optional.map(([k, v]): Member => [k, quote(v)])]);
  });
  const env = [...inputs.env()].map(({ name, value }) => members([["name", quote(name)], ["value", quote(value)]]));
  return members([["files", `[${files.join(",")}]`], ["env", `[${env.join(",")}]`], ["fetched", "[]"]]);
}

/** A name and the JSON text of its value. */
type Member = readonly [name: string, json: string];

function members(all: readonly Member[]): string {
  return `{${all.map(([name, json]) => `${quote(name)}:${json}`).join(",")}}`;
}

function quote(text: string): string {
  return encodeUtf8(JSON.stringify(decodeUtf8Lossy(text)));
}
