import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { resolve } from "../compile/resolve.ts";
import { bytesToBinary } from "../format/bytes.ts";
import {
  type AttrsExpr,
  type Expr,
  type FloatExpr,
  type IntExpr,
  Kind,
  LazyExpr,
  type ListExpr,
  whole,
} from "./ast.ts";
import { encodeImage, openImage } from "./image.ts";
import { parse } from "./parser.ts";
import { PosTable } from "./positions.ts";
import { show } from "./show.ts";
import { intern, recordSymbols, symbolName } from "./symbols.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));

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
  const image = encodeImage(result, source.base, symbols) as Uint8Array<ArrayBuffer>;
  return { tree: result, image, base: source.base };
}

const GLOBALS = "import map toString throw derivation builtins true false null __sub __mul __div __lessThan";
const globals = new Map(GLOBALS.split(" ").map((name, i) => [intern(name), i] as const));

function assertReads({ tree, image, base }: ReturnType<typeof imageOf>, message?: string): void {
  const read = openImage(image, base);
  assertEquals(readAll(read), readAll(tree), message);
  assertEquals(show(read!), show(tree), message);
}

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
        const text = bytesToBinary(Deno.readFileSync(path));
        let made;
        try {
          made = imageOf(text);
        } catch {
          continue; // No program, or one with more globals.
        }
        assertReads(made, path);
        files++;
      }
    }
  };
  for (const folder of ["bench/workloads", "examples", "testdata/lang"]) visit(root + folder);
  assert(files > 500, `${files} files`);
});

Deno.test("image: numbers of any size are read as they were written", () => {
  const ints = "0 1 33554431 33554432 2147483648 4294967296 9007199254740991 9007199254740993 9223372036854775807";
  const floats = "0.0 0.1 1.5e300 2.3e-308 1.7976931348623157e308 65536.0";
  const made = imageOf(`[ ${ints} ${floats} ]`);
  assertReads(made);
  const { elems } = openImage(made.image, made.base) as ListExpr;
  assertEquals(elems.map((e) => (e as IntExpr | FloatExpr).value), [
    ...[0, 1, 33554431, 33554432, 2147483648, 4294967296, 9007199254740991],
    ...[9007199254740993n, 9223372036854775807n],
    ...[0, 0.1, 1.5e300, 2.3e-308, 1.7976931348623157e308, 65536],
  ]);
});

Deno.test("image: names of any length are read as they were written", () => {
  const names = [1, 254, 255, 256, 300, 20_000].map((length) => "n".repeat(length));
  const made = imageOf(`{ ${names.map((name) => `${name} = 1; "${name}\xe9" = 2;`).join(" ")} }`);
  assertReads(made);
  const { attrs } = openImage(made.image, made.base) as AttrsExpr;
  assertEquals(attrs.map(({ name }) => symbolName(name)), names.flatMap((name) => [name, `${name}\xe9`]));
});

Deno.test("image: trees of any size are read as they were written", () => {
  const many = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i)).join(" ");
  const names = many(300, (i) => `a${i}`);
  const texts = [
    `#${" ".repeat(20_000_000)}\nx: x { y = "text"; }`,
    `[ ${many(70_000, () => "1")} ]`,
    `{ ${many(30_000, (i) => `a${i} = { b = "${i}"; };`)} }`,
    // One more variable than has a slot beside its level.
    `rec { ${many(65_537, (i) => `a${i} = ${i};`)} b = [ ${many(65_537, (i) => `a${i}`)} ]; }`,
    `[ "${"a".repeat(200_000)}" "b" "${"a".repeat(200_000)}" ]`,
    `f: f ${many(300, () => "f")}`,
    `x: x.${names.replaceAll(" ", ".")} or x.a`,
    `x: x ? ${names.replaceAll(" ", ".")}`,
    `x: ${many(300, () => "{ y }:")} x`,
    `x: ${many(300, () => "with x;")} ${many(3, () => "y")}`,
  ];
  for (const text of texts) assertReads(imageOf(text), `${text.slice(0, 50)} … ${text.length} bytes`);
});

Deno.test("image: what is too large is refused", () => {
  assertThrows(() => imageOf(`#${" ".repeat(2 ** 25)}\nx: x`), RangeError, "too large");
  assertThrows(() => imageOf(`"${"a".repeat(2 ** 25)}"`), RangeError, "too large");
});

Deno.test("image: what is open doesn't need the bytes any more", () => {
  const { tree, image, base } = imageOf('{ a = { b = "text"; c = [ (x: y: x + y) { d = 1.5; } ]; }; }');
  const read = openImage(image, base);
  image.fill(0xff);
  assertEquals(readAll(read), readAll(tree));
});

Deno.test("image: nothing that may not be evaluated is read", () => {
  const { image, base } = imageOf("{ a = [ 1 { } ]; b = x: [ x ]; c = if true then [ 2 ] else [ 3 ]; d = 4; }");
  const tree = openImage(image, base) as AttrsExpr;
  const kinds = tree.attrs.map(({ expr }) => expr.kind);
  assertEquals(kinds, [Kind.Lazy, Kind.Lazy, Kind.Lazy, Kind.Int]);
});

Deno.test("image: bytes that are no image aren't taken for one", () => {
  const { image, base } = imageOf('{ a = 1; b = x: [ "text" x ]; }');
  for (let length = 0; length < image.length; length++) {
    assertEquals(openImage(image.slice(0, length), base), undefined, `${length} bytes`);
  }
  const longer = new Uint8Array(image.length + 1);
  longer.set(image);
  assertEquals(openImage(longer, base), undefined);
  for (const version of [0, 2, 4]) {
    const other = image.slice();
    new Int32Array(other.buffer, 0, 1)[0] = version;
    assertEquals(openImage(other, base), undefined);
  }
});
