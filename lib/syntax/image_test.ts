import { assert, assertEquals } from "@std/assert";
import { resolve } from "../compile/resolve.ts";
import { binaryToBytes, bytesToBinary } from "../format/bytes.ts";
import { type AttrsExpr, type Expr, Kind, LazyExpr, whole } from "./ast.ts";
import { encodeImage, openImage } from "./image.ts";
import { parse } from "./parser.ts";
import { PosTable } from "./positions.ts";
import { show } from "./show.ts";
import { intern, recordSymbols } from "./symbols.ts";

const latin1 = { encode: binaryToBytes, decode: bytesToBinary };
const root = new URL("../..", import.meta.url).pathname;

/** Returns a resolved tree, its image, and the base of its positions. */
function imageOf(text: string): { tree: Expr; image: Uint8Array<ArrayBuffer>; base: number } {
  const positions = new PosTable();
  positions.addSource({ kind: "string" }, "something before");
  const source = positions.addSource({ kind: "string" }, text);
  const { result, symbols } = recordSymbols(() =>
    parse(source, {
      basePath: "/base",
      homeDir: () => "/home",
      pureEval: false,
      features: { pipeOperators: true },
      lint: { urlLiterals: "ignore", shortPathLiterals: "ignore", absolutePathLiterals: "ignore" },
      warn: () => {},
    })
  );
  resolve(result, globals);
  const image = encodeImage(result, source.base, symbols, latin1) as Uint8Array<ArrayBuffer>;
  return { tree: result, image, base: source.base };
}

const GLOBALS = "import map toString throw derivation builtins true false null __sub __mul __div __lessThan";
const globals = new Map(GLOBALS.split(" ").map((name, i) => [intern(name), i] as const));

/** Reads a tree to its end. */
function readAll(value: unknown): unknown {
  if (value instanceof LazyExpr) return readAll(whole(value));
  if (Array.isArray(value)) return value.map(readAll);
  if (value === null || typeof value !== "object") return value;
  const copy = Object.create(Object.getPrototypeOf(value));
  for (const [key, field] of Object.entries(value)) copy[key] = readAll(field);
  return copy;
}

Deno.test("image: what is read is what was written", () => {
  let files = 0;
  const visit = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) visit(path);
      else if (name.endsWith(".nix")) {
        let made;
        try {
          made = imageOf(bytesToBinary(Deno.readFileSync(path)));
        } catch {
          continue; // No program, or one with more globals.
        }
        const read = openImage(made.image, made.base, latin1);
        assertEquals(readAll(read), readAll(made.tree), path);
        assertEquals(show(read!), show(made.tree), path);
        files++;
      }
    }
  };
  for (const folder of ["bench/workloads", "examples", "testdata/lang"]) visit(root + folder);
  assert(files > 500, `${files} files`);
});

Deno.test("image: nothing that may not be evaluated is read", () => {
  const { image, base } = imageOf("{ a = [ 1 { } ]; b = x: [ x ]; c = if true then [ 2 ] else [ 3 ]; d = 4; }");
  const tree = openImage(image, base, latin1) as AttrsExpr;
  const kinds = tree.attrs.map(({ expr }) => expr.kind);
  assertEquals(kinds, [Kind.Lazy, Kind.Lazy, Kind.Lazy, Kind.Int]);
});

Deno.test("image: bytes that are no image aren't taken for one", () => {
  const { image, base } = imageOf("{ a = 1; }");
  for (let length = 0; length < image.length; length++) {
    assertEquals(openImage(image.slice(0, length), base, latin1), undefined, `${length} bytes`);
  }
  const other = image.slice();
  other[0]++;
  assertEquals(openImage(other, base, latin1), undefined);
});
