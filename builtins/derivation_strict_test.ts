// What the golden corpus can't hold, because C++ Nix needs a store for it: expectations are those of C++ Nix 2.34.8 with a
// store of its own.

import { assertEquals, assertThrows } from "@std/assert";
import { MemoryIO } from "../lib/io/memory.ts";
import { NixError, stripEscapes } from "../lib/runtime/errors.ts";
import { forceDeep } from "../lib/runtime/force_deep.ts";
import { printAmbiguous } from "../lib/runtime/print.ts";
import { DEFAULT_SETTINGS } from "../lib/runtime/settings.ts";
import { Session } from "../session.ts";

const FILES = {
  "/t/f": "hi\n",
  "/t/d/x": "x\n",
  "/t/d/sub/s": "s\n",
};

function evaluate(text: string, features: readonly string[] = []): string {
  const session = new Session({
    settings: { ...DEFAULT_SETTINGS, features: new Set(features) },
    log: { trace() {}, warn() {}, message() {} },
    currentDir: "/t",
    files: new MemoryIO({ files: FILES }),
  });
  const value = session.evaluate(session.parse(text, { kind: "string" }));
  forceDeep(value);
  return printAmbiguous(value);
}

const A = `derivation { name = "a"; system = "s"; builder = "b"; outputs = [ "out" "dev" ]; src = /t/d; `;
const TEXT_DRV = `derivation { name = "n.drv"; system = "s"; builder = "b"; __contentAddressed = true; ` +
  `outputHashMode = "text"; }`;
const DYNAMIC = ["dynamic-derivations", "ca-derivations"];

Deno.test("derivationStrict makes all that a derivation's path stands for an input", () => {
  const text = `let a = ${A} f = builtins.toFile "x" "y \${/t/f}"; };
    b = derivation { name = "b"; system = "s"; builder = "b"; inherit a; };
  in (derivationStrict { name = "n"; system = "s"; builder = "b"; x = b.drvPath; y = a.dev; }).drvPath`;
  assertEquals(evaluate(text), '"/nix/store/y7a28v30kwj20i3isgqq5r0dc3jqa8dp-n.drv"');
});

Deno.test("derivationStrict uses outputs of derivations that are outputs", () => {
  const use = (x: string) => `(derivation { name = "n"; system = "s"; builder = "b"; x = ${x}; }).drvPath`;
  const text = `let a = ${TEXT_DRV}; of = builtins.outputOf; in [
    a.outPath
    (of a.outPath "out")
    ${use(`of a.outPath "out"`)}
    ${use(`[ a (of (of a.outPath "out") "dev") (of a.outPath "out") ]`)}
  ]`;
  assertEquals(
    evaluate(text, DYNAMIC),
    '[ "/1s02mgm4hvj0834q4vqk5sdjjlc9a1f2zfvvpszl5j28q3h0a3va" "/0yja17bgqs5vbydchwr26vxl34k9ismig496dm8b4nz665l8z8gw" ' +
      '"/nix/store/bd9y6i0ycz2ii4dqcjl6gihy0in4dizl-n.drv" "/nix/store/7jhycfcp1wkdyc7xamvsgzy8r486i3rn-n.drv" ]',
  );
});

Deno.test("outputOf of a derivation in hand is its output", () => {
  const drv =
    `builtins.unsafeDiscardOutputDependency (derivation { name = "n"; system = "s"; builder = "b"; }).drvPath`;
  assertEquals(
    evaluate(`builtins.outputOf (${drv}) "out"`, DYNAMIC),
    '"/nix/store/8qwygm88qsiwpdycf5hhk51zjbh3kgaa-n"',
  );
  const error = assertThrows(() => evaluate(`builtins.outputOf (${drv}) "dev"`, DYNAMIC), NixError);
  assertEquals(
    stripEscapes(error.message),
    "derivation '/nix/store/wr1i7p014rsirg48bgmkclzgi393aj0p-n.drv' does not have output 'dev'",
  );
});

Deno.test("import turns a derivation's file into the derivation", () => {
  const text = `let i = import (${A}}).drvPath; in [
    (builtins.attrNames i) i.name i.type i.outputName i.outPath i.dev.outPath (map (o: o.outputName) i.all)
    (builtins.attrValues (builtins.getContext i.drvPath)) (builtins.attrValues (builtins.getContext i.dev.outPath))
  ]`;
  assertEquals(
    evaluate(text),
    '[ [ "all" "dev" "drvPath" "name" "out" "outPath" "outputName" "type" ] "a" "derivation" "dev" ' +
      '"/nix/store/mzhgdm94cbi4l2shpfz23spv18233kp4-a-dev" "/nix/store/mzhgdm94cbi4l2shpfz23spv18233kp4-a-dev" ' +
      '[ "dev" "out" ] [ { allOutputs = true; } ] [ { outputs = [ "dev" ]; } ] ]',
  );
});

Deno.test("readFile of a text knows what the text refers to", () => {
  const text =
    `let f = builtins.toFile "x" "y \${/t/f}"; in builtins.attrNames (builtins.getContext (builtins.readFile f))`;
  assertEquals(evaluate(text), '[ "/nix/store/ab3li50xq0nl4q5lxdyinb8w8y13my9s-f" ]');
});

Deno.test("path of a text keeps what the text refers to", () => {
  const text = `builtins.path { path = builtins.toFile "x" "y \${/t/f}"; name = "zz"; }`;
  assertEquals(evaluate(text), '"/nix/store/9yxf63qr9wi8vm4bkpcj4j7bcq3wp41a-zz"');
});

Deno.test("a derivation's file can be read though there is no store, and says nothing again", () => {
  const warnings: string[] = [];
  const session = new Session({
    settings: DEFAULT_SETTINGS,
    log: { trace() {}, warn: (text) => void warnings.push(stripEscapes(text)), message() {} },
    currentDir: "/t",
    files: new MemoryIO({ files: FILES }),
  });
  const structured = `derivation { name = "s"; system = "s"; builder = "b"; __structuredAttrs = true; maxSize = 1; }`;
  const hashes = `map (d: builtins.hashString "sha256" (builtins.readFile d.drvPath)) [ s (${A} }) ]`;
  const value = session.evaluate(
    session.parse(`let s = ${structured}; in [ (import s.drvPath).outPath ] ++ ${hashes}`, {
      kind: "string",
    }),
  );
  forceDeep(value);
  assertEquals(warnings.length, 1);
  assertEquals(
    printAmbiguous(value),
    '[ "/nix/store/jay0941hnhjzjj1db8yqqmxhv9i6jq7y-s" ' +
      '"dcb2f1746d3bc3bfa67cbfef758b8488f20063124b68700e2c0465f6c1b839e0" ' +
      '"0dd36e360f599c1b28295bfa8ca48c4ac90a4da5c5212f333dd06725367d838b" ]',
  );
});
