// `deno bench -A lib/syntax/parser_bench.ts`; with PARSE_TREE=directory also over the .nix files below it (at most
// PARSE_BYTES, by default 2.4 MB), of which the first, cold pass is printed: that is what an evaluation pays.
import type { ParseOptions } from "./parse_options.ts";
import { parse } from "./parser.ts";
import { PosTable } from "./positions.ts";

const OPTIONS: ParseOptions = {
  basePath: "/",
  homeDir: () => "/",
  pureEval: true,
  features: { pipeOperators: true },
  lint: { urlLiterals: "ignore", shortPathLiterals: "ignore", absolutePathLiterals: "ignore" },
  warn: () => {},
};

interface Text {
  readonly path: string;
  readonly text: string;
  readonly bytes: Uint8Array;
}

function textOf(path: string, bytes: Uint8Array): Text {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  // Reading a character makes V8 join the pieces.
  text.charCodeAt(0);
  return { path, text, bytes };
}

function parseAll(texts: readonly Text[]): void {
  const positions = new PosTable();
  for (const { path, text, bytes } of texts) {
    parse(positions.addSource({ kind: "file", path }, text), { ...OPTIONS, bytes });
  }
}

function collect(directory: string, limit: number, into: Text[]): number {
  for (const entry of [...Deno.readDirSync(directory)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (limit <= 0) return 0;
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) limit = collect(path, limit, into);
    else if (entry.isFile && path.endsWith(".nix")) {
      const text = textOf(path, Deno.readFileSync(path));
      into.push(text);
      limit -= text.text.length;
    }
  }
  return limit;
}

const tree = Deno.env.get("PARSE_TREE");
if (tree !== undefined) {
  const texts: Text[] = [];
  collect(tree, Number(Deno.env.get("PARSE_BYTES") ?? 2.4e6), texts);
  const size = texts.reduce((sum, { text }) => sum + text.length, 0);
  const start = performance.now();
  parseAll(texts);
  const time = performance.now() - start;
  const rate = (size / time / 1000).toFixed(1);
  console.log(
    `cold: ${texts.length} files, ${size} bytes in ${time.toFixed(1)} ms, ${rate} MB/s; Deno ${Deno.version.deno}`,
  );
  Deno.bench(`parse() real files, ${size} bytes`, () => parseAll(texts));
}

function generated(): Text {
  const package_ = (i: number): string => `
  # Package ${i}
  package-${i} = callPackage ../tools/misc/package-${i} {
    inherit (darwin.apple_sdk.frameworks) Foundation Security;
    python = python3.withPackages (ps: with ps; [ requests (toPythonModule foo.override { enable = true; }) ]);
    version = "\${lib.versions.major package-${i}.version}.${i}";
    meta.platforms = lib.platforms.linux ++ lib.optionals (stdenv.isDarwin && !stdenv.isAarch64) [ "x86_64-darwin" ];
    postInstall = ''
      for f in $out/bin/*; do
        wrapProgram "$f" --prefix PATH : \${lib.makeBinPath [ coreutils gnused ]} --set HOME ''\${HOME:-/tmp}
      done
    '';
  };
`;
  const body = Array.from({ length: 1000 }, (_, i) => package_(i)).join("");
  const text = `{ lib, callPackage, darwin, python3, stdenv, ... }@args:\nrec {${body}}\n`;
  return textOf("/generated.nix", new TextEncoder().encode(text));
}

const texts = [generated()];
Deno.bench(`parse() generated, ${texts[0].text.length} bytes`, () => parseAll(texts));
