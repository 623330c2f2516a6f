import { assertEquals, assertThrows } from "@std/assert";
import { type ExportedPath, type ExportEvent, ExportWriter, readExport } from "./export.ts";
import { concatBytes } from "./bytes.ts";
import { FormatError, WireError } from "./errors.ts";
import { narTree } from "./nar_reader.ts";
import { makeTextPath, type StoreReferences } from "./content_address.ts";
import { type DrvPath, parseStorePath, storePathName } from "./store_path.ts";
import { bytesToBinary } from "./bytes.ts";
import { testdata, testDrvs } from "./_testdata.ts";

const STREAM = testdata("export.bin");

interface Item {
  readonly info: ExportedPath;
  readonly nar: Uint8Array;
}

function items(events: Iterable<ExportEvent>): Item[] {
  const list: Item[] = [];
  let nar: Uint8Array[] = [];
  for (const event of events) {
    if (event.type === "nar") {
      nar.push(event.chunk.slice());
      continue;
    }
    const item = { info: event.info, nar: concatBytes(nar) };
    assertEquals(item.nar.length, event.narSize);
    list.push(item);
    nar = [];
  }
  return list;
}

function written(list: Item[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new ExportWriter((chunk) => void chunks.push(chunk.slice()));
  for (const { info, nar } of list) writer.path(info, (sink) => sink(nar));
  writer.end();
  return concatBytes(chunks);
}

Deno.test("readExport reads what nix-store --export writes", () => {
  const list = items(readExport(STREAM));
  assertEquals(list.map(({ info }) => storePathName(info.path)).sort(), [
    "builder.sh",
    "m.drv",
    "multi.drv",
    "r.drv",
    "src.tar.gz.drv",
    "src.tar.gz.drv",
  ]);
  const drvs = testDrvs();
  for (const { info, nar } of list) {
    const file = narTree(nar);
    if (file.type !== "regular") throw new Error(`${info.path} is a ${file.type}`);
    const text = bytesToBinary(file.contents);
    assertEquals(text, drvs.get(info.path as DrvPath) ?? text);
    const references: StoreReferences["references"] = info.references;
    assertEquals(makeTextPath(text, { name: storePathName(info.path), references }), info.path);
  }
});

Deno.test("ExportWriter writes Nix's bytes again", () => {
  assertEquals(written(items(readExport(STREAM))), STREAM);
});

Deno.test("readExport reads the same however the input is cut", () => {
  const whole = items(readExport(STREAM));
  for (const size of [1, 7, 8, 1000]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < STREAM.length; at += size) chunks.push(STREAM.subarray(at, at + size));
    assertEquals(items(readExport(chunks)), whole);
  }
});

Deno.test("readExport keeps a deriver", () => {
  const [{ info, nar }] = items(readExport(STREAM));
  const deriver = parseStorePath("/nix/store/6ihfpkhx2hbff9nlfa35pnqvcn0gsd6l-x.drv") as DrvPath;
  const [read] = items(readExport(written([{ info: { ...info, deriver }, nar }])));
  assertEquals(read.info.deriver, deriver);
});

Deno.test("readExport refuses a stream cut anywhere", () => {
  for (let length = 0; length < STREAM.length; length++) {
    assertThrows(() => items(readExport(STREAM.subarray(0, length))), FormatError);
  }
});

Deno.test("readExport refuses what isn't an export", () => {
  assertThrows(() => items(readExport(new Uint8Array(8).fill(2))), WireError, "it doesn't begin like the output");
  const stream = STREAM.slice();
  const magic = bytesToBinary(stream).indexOf("NIXE");
  stream[magic] = 0;
  assertThrows(() => items(readExport(stream)), WireError, "magic number is 0x45584900");
});
