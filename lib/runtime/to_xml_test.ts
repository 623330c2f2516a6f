import { assertEquals } from "@std/assert";
import { PosTable } from "../syntax/positions.ts";
import { intern } from "../syntax/symbols.ts";
import { Attrs, AttrsBuilder } from "./attrs.ts";
import { ContextBuilder } from "./context.ts";
import { lazy } from "./thunk.ts";
import { toXml, writeXml } from "./to_xml.ts";
import { Float, PathValue, type Slot } from "./value.ts";

function attrs(entries: Readonly<Record<string, Slot>>, pos = 0): Attrs {
  const builder = new AttrsBuilder();
  for (const [name, value] of Object.entries(entries)) builder.add(intern(name), value, pos);
  return builder.build();
}

function xml(slot: Slot, strict = true): string {
  const text = toXml(slot, new ContextBuilder(), { strict, locations: null });
  return text.replace("<?xml version='1.0' encoding='utf-8'?>\n<expr>\n", "").replace("</expr>\n", "");
}

Deno.test("toXml() writes scalars and escapes what attributes can't hold", () => {
  assertEquals(xml(1), '  <int value="1" />\n');
  assertEquals(xml(new Float(0.5)), '  <float value="0.5" />\n');
  assertEquals(xml(true), '  <bool value="true" />\n');
  assertEquals(xml(null), "  <null />\n");
  assertEquals(xml(new PathValue("/p")), '  <path value="/p" />\n');
  assertEquals(xml("<\"&'>\n\xff"), '  <string value="&lt;&quot;&amp;\'&gt;&#xA;\xff" />\n');
});

Deno.test("toXml() nests lists and sets, attributes sorted by name", () => {
  assertEquals(
    xml(attrs({ zeta: [], alpha: 1 })),
    [
      "  <attrs>",
      '    <attr name="alpha">',
      '      <int value="1" />',
      "    </attr>",
      '    <attr name="zeta">',
      "      <list>",
      "      </list>",
      "    </attr>",
      "  </attrs>",
      "",
    ].join("\n"),
  );
});

Deno.test("toXml() writes a derivation once", () => {
  const drv = attrs({ type: "derivation", drvPath: "/d", outPath: "/o" });
  const text = xml([drv, drv]);
  assertEquals(text.match(/<derivation drvPath="\/d" outPath="\/o">/g)?.length, 2);
  assertEquals(text.match(/<repeated \/>/g)?.length, 1);
});

Deno.test("toXml() leaves thunks alone unless strict", () => {
  assertEquals(xml([lazy(() => 1)], false), "  <list>\n    <unevaluated />\n  </list>\n");
  assertEquals(xml([lazy(() => 1)]), '  <list>\n    <int value="1" />\n  </list>\n');
});

Deno.test("toXml() writes locations", () => {
  const positions = new PosTable();
  const source = positions.addSource({ kind: "file", path: "/f.nix" }, "{ a = 1; }");
  const text = toXml(attrs({ a: 1 }, source.base + 2), new ContextBuilder(), { strict: true, locations: positions });
  assertEquals(text.includes('<attr column="3" line="1" name="a" path="/f.nix">'), true);
});

Deno.test("writeXml() passes on what is long in pieces, all of it", () => {
  const pieces: string[] = [];
  const list = Array.from({ length: 10_000 }, (_, i) => i);
  const options = { strict: true, locations: null };
  writeXml(list, new ContextBuilder(), { ...options, write: (text) => pieces.push(text) });
  assertEquals(pieces.length > 1, true);
  assertEquals(pieces.join(""), toXml(list, new ContextBuilder(), options));
});
