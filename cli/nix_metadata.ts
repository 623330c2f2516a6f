/** `devix nix flake metadata`: a project's inputs, as `nix flake metadata` shows them. */
import { decodeUtf8Lossy, encodeUtf8 } from "../mod.ts";
import type { ProjectFlake } from "./nix_installable.ts";

const BOLD = "\x1b[1m";
const NORMAL = "\x1b[0m";

type Input = ProjectFlake["inputs"][number];

/** Returns the text for people. Nix shows it bold whatever it writes to. */
export function metadataText({ description, inputs }: ProjectFlake, dir: string): string {
  const line = (name: string, text: string) => `${BOLD}${name}:${NORMAL}${" ".repeat(14 - name.length)}${text}\n`;
  const head = [
    line("Resolved URL", `path:${dir}`),
    description === undefined ? "" : line("Description", description),
    line("Path", dir),
  ];
  if (inputs.length === 0) return head.join("");
  return `${head.join("")}${BOLD}Inputs:${NORMAL}\n${tree(inputs, "", new Set())}`;
}

function tree(inputs: readonly Input[], indent: string, seen: Set<string>): string {
  return inputs.map((input, i) => {
    const isLast = i === inputs.length - 1;
    const start = encodeUtf8(indent + (isLast ? "└───" : "├───")) + BOLD + input.name + NORMAL;
    if ("follows" in input) return `${start} follows input '${input.follows.join("/")}'\n`;
    const when = Number.isNaN(input.lastModified) ? "" : ` (${date(input.lastModified)})`;
    const own = `${start}: ${input.ref}${when}\n`;
    if (seen.has(input.key)) return own;
    seen.add(input.key);
    return own + tree(input.inputs(), indent + (isLast ? "    " : "│   "), seen);
  }).join("");
}

/** In universal time. */
function date(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** Returns the document for programs. */
export function metadataJson({ description, lock }: ProjectFlake, dir: string): string {
  const path = decodeUtf8Lossy(dir);
  const url = `path:${path}`;
  const ref = { path, type: "path" };
  const locks = lock === null ? { nodes: { root: {} }, root: "root", version: 7 } : JSON.parse(decodeUtf8Lossy(lock));
  const document = {
    ...(description === undefined ? {} : { description: decodeUtf8Lossy(description) }),
    locks,
    original: ref,
    originalUrl: url,
    path,
    resolved: ref,
    resolvedUrl: url,
    url,
  };
  return encodeUtf8(JSON.stringify(document)) + "\n";
}
