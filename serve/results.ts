/**
 * Values and inputs as JSON documents have them, for `devix instantiate` and for `devix serve`. All of it is text: binary
 * strings of UTF-8, what isn't UTF-8 being replaced.
 */
import {
  Attrs,
  BackgroundStore,
  coerceToString,
  type Context,
  ContextBuilder,
  decodeUtf8Lossy,
  type DrvPath,
  drvPathOf,
  encodeUtf8,
  type EvalInputs,
  fetchedStorePath,
  type FetchResult,
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
  printHash,
  redactUrl,
  type Session,
  type Slot,
  type StorePath,
  toJson,
  UnknownPathError,
  WEAK,
} from "../mod.ts";

const NAME = intern("name");
const SYSTEM = intern("system");
const OUT_PATH = intern("outPath");

/** Returns the path of the derivation a set stands for. */
export function drvPathIn(attrs: Attrs, session: Session): DrvPath {
  const { storeDir } = session.store;
  return drvPathOf(attrs, (path) => isStorePath(path, { storeDir })) as DrvPath;
}

/** Returns what became of everything that was made since this was last asked. @throws {StoreError} if writing failed */
export function storeJson(session: Session | undefined): string {
  const store = session?.store;
  if (!(store instanceof BackgroundStore)) {
    return members([["mode", '"none"'], ["added", "[]"], ["alreadyValid", "0"]]);
  }
  const { added, alreadyValid } = store.report();
  return members([
    ["mode", quote(encodeUtf8(store.mode))],
    ["added", `[${added.map(({ path, narHash }) => addedJson(path, narHash, session!)).join(",")}]`],
    ["alreadyValid", String(alreadyValid)],
  ]);
}

function addedJson(path: StorePath, narHash: string, session: Session): string {
  const known = session.knownPaths.get(path);
  const [kind, references]: readonly [string, readonly StorePath[]] = known?.kind === "derivation"
    ? ["drv", known.references]
    : known?.kind === "text"
    ? ["text", [...known.references].sort()]
    : ["source", known?.kind === "source" ? [...known.references].sort() : []];
  return members([
    ["path", quote(path)],
    ["kind", quote(kind)],
    ["narHash", quote(narHash)],
    ["references", `[${references.map(quote).join(",")}]`],
  ]);
}

/** Adds the store paths that strings with this context refer to. */
function addPaths(paths: Set<StorePath>, context: Context | null): void {
  for (const text of context?.elements ?? []) {
    const element = parseElement(text);
    let base = element.kind === "opaque" ? element.path : element.drvPath;
    while (typeof base !== "string") base = base.drvPath;
    paths.add(base as StorePath);
  }
}

/**
 * Returns one element of `results`. A set with an `outPath` that isn't a derivation counts as that string. The store paths
 * that the result names, derivations or what strings refer to, are added to `paths`.
 */
export function resultJson(
  attrPath: string,
  slot: Slot,
  session: Session,
  paths: Set<StorePath> = new Set(),
): string {
  const attr: Member = ["attr", quote(attrPath)];
  const v = force(slot);
  if (isDerivation(v)) {
    paths.add(drvPathIn(v, session));
    return members([attr, ["kind", '"derivation"'], ...derivationMembers(v, session)]);
  }
  const context = new ContextBuilder();
  if (isString(v) || v instanceof Attrs && getAttr(v, OUT_PATH) !== undefined) {
    const text = coerceToString(v, context, { ...WEAK, copy: session.copyToStore }, "while evaluating a result");
    addPaths(paths, context.build());
    return members([
      attr,
      ["kind", '"string"'],
      ["value", toJson(text, new ContextBuilder(), { strict: true, copy: null })],
      ["context", contextJson(context.build())],
    ]);
  }
  const json = toJson(v, context, { strict: true, copy: null });
  addPaths(paths, context.build());
  return members([attr, ["kind", '"other"'], ["json", json]]);
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
    const { outputs } = session.knownPaths.derivation(drvPath);
    return members(outputs.names.map((name) => {
      const path = outputs.get(name)!;
      return [name, path === null ? "null" : quote(path)];
    }));
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

/** Returns what evaluation depended on. */
export function inputsJson(inputs: EvalInputs | null, session: Session | undefined): string {
  const files = [...inputs?.files() ?? []].map(({ op, path, target, type, hash }) => {
    const optional = Object.entries({ target, type, hash }).filter((entry): entry is [string, string] => {
      return entry[1] !== undefined;
    });
    return members([["op", quote(op)], ["path", quote(path)], ...optional.map(([k, v]): Member => [k, quote(v)])]);
  });
  const env = [...inputs?.env() ?? []].map(({ name, value }) =>
    members([["name", quote(name)], ["value", quote(value)]])
  );
  return members([["files", `[${files.join(",")}]`], ["env", `[${env.join(",")}]`], [
    "fetched",
    `[${[...session?.fetcher?.results() ?? []].map((result) => fetchedJson(result, session!)).join(",")}]`,
  ]]);
}

function fetchedJson(result: FetchResult, session: Session): string {
  return members(fetchedMembers(result, session.store.storeDir));
}

/** Returns what there is to say of something that was fetched. */
export function fetchedMembers({ fetch, fetched }: FetchResult, storeDir: string): Member[] {
  const { narHash, fromCache } = fetched;
  const attrs = fetch.kind === "input"
    ? [...fetched.attrs].filter(([name]) => name !== "__final")
    : [["type", fetch.kind], ["url", fetch.url]] as const;
  const lastModified = fetched.attrs.get("lastModified");
  return [
    ["attrs", members(attrs.map(([name, value]): Member => [name, attrJson(name, value)]))],
    ["outPath", quote(fetchedStorePath(fetch, fetched, { storeDir }))],
    ["narHash", quote(printHash(narHash, "sri"))],
    ["lastModified", lastModified === undefined ? "null" : String(lastModified)],
    ["fromCache", String(fromCache)],
  ];
}

function attrJson(name: string, value: string | number | bigint | boolean): string {
  return typeof value === "string" ? quote(name === "url" ? redactUrl(value) : value) : String(value);
}

/** A name and the JSON text of its value. */
export type Member = readonly [name: string, json: string];

/** Returns a JSON object. */
export function members(all: readonly Member[]): string {
  return `{${all.map(([name, json]) => `${quote(name)}:${json}`).join(",")}}`;
}

/** Returns a JSON string. */
export function quote(text: string): string {
  return encodeUtf8(JSON.stringify(decodeUtf8Lossy(text)));
}
