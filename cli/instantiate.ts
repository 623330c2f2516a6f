/** `devix instantiate`: derivations, and what else a caller needs to build them. */
import { EMPTY_ATTRS, encodeUtf8, findDerivations, NixError, outputNameOf, type Session, type Slot } from "../mod.ts";
import { drvPathIn, inputsJson, type Member, members, quote, resultJson } from "../serve/results.ts";
import { type CommandSpec, report } from "./command.ts";
import { MILLISECONDS } from "./recorder.ts";
import { Root } from "./root.ts";
import type { Setup } from "./setup.ts";

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

function open(root: Root, { dryRun }: How): Session {
  if (dryRun || root.store === "none") return root.openSession();
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
  setup.wantInputs();
  const results: string[] = [];
  let code = 0;
  let session: Session | undefined;
  let select: ((attrPath: string) => Slot) | undefined;
  for (const attrPath of wanted(root)) {
    try {
      session ??= open(root, how);
      select ??= root.evaluate(session);
      results.push(resultJson(attrPath, select(attrPath), session));
    } catch (e) {
      const reported = report(e, setup);
      code = Math.max(code, reported.code);
      results.push(members([["attr", quote(attrPath)], ["error", encodeUtf8(JSON.stringify(reported.json))]]));
      if (!how.keepGoing || select === undefined) break;
    }
  }
  const derivations = String(session === undefined ? 0 : countDerivations(session));
  const store = members([["mode", '"none"'], ["added", "[]"], ["alreadyValid", "0"]]);
  const document = (stats: readonly Member[]) =>
    members([
      ["version", "1"],
      ["results", `[${results.join(",")}]`],
      ["store", store],
      ["inputs", inputsJson(setup.inputs)],
      ["stats", members([...stats, ["derivations", derivations]])],
    ]) + "\n";
  const milliseconds = String(Math.round(performance.now() - started));
  setup.printDocument(
    document([["milliseconds", milliseconds], ["cached", "false"]]),
    document([["milliseconds", MILLISECONDS], ["cached", "true"]]),
  );
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
