/**
 * Makes one file of those of a bundle that are loaded together. The bundler splits by who imports what: an evaluation would
 * load 23 files, and each is read, hashed and looked for in the code cache by itself.
 */
import { resolve } from "@std/path";
import { denoBundle } from "./deno_bundle.ts";

/** Returns the files that are loaded at once with some of a bundle's. */
export function loadedWith(names: Iterable<string>, texts: ReadonlyMap<string, string>): Set<string> {
  const loaded = new Set(names);
  // The set grows while it is walked.
  for (const name of loaded) {
    for (const [, imported] of texts.get(name)!.matchAll(/^(?:import|export)\b[^"(]*"\.\/([^"]+)";?$/gm)) {
      if (texts.has(imported)) loaded.add(imported);
    }
  }
  return loaded;
}

/**
 * Puts files, of which each that one of them imports at once is one or has been united, into one; all others import from that
 * then. What is imported later stays outside.
 */
export async function unite(texts: Map<string, string>, united: string, names: ReadonlySet<string>): Promise<void> {
  const directory = resolve(await Deno.makeTempDir({ prefix: "devix-unite-" }));
  try {
    const others = [...texts.keys()].filter((name) => !names.has(name));
    for (const [name, text] of texts) {
      await Deno.writeTextFile(`${directory}/${name}`, text.replaceAll(LATER, "importLater($1)"));
    }
    const entry = [...names].map((name) => `import "./${name}";\n${exportAll(name, texts.get(name)!)}`).join("");
    await Deno.writeTextFile(`${directory}/entry.js`, entry);
    const external = others.flatMap((name) => ["--external", `./${name}`]);
    await denoBundle([...external, "--output", `${directory}/united.js`, `${directory}/entry.js`]);
    // The bundler says in comments where everything was.
    const text = (await Deno.readTextFile(`${directory}/united.js`)).replaceAll(
      /^(\s*\/\/ ).*\/devix-unite-[^/]*\//gm,
      "$1",
    );
    for (const name of names) texts.delete(name);
    for (const name of others) texts.set(name, importFrom(united, names, texts.get(name)!));
    texts.set(united, text.replaceAll(/\bimportLater\(("[^"]+")\)/g, "import($1)"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const LATER = /\bimport\(("[^"]+")\)/g;

/** The names of a file's exports in the united one. */
function exportAll(name: string, text: string): string {
  const exported = [...text.matchAll(/^export \{([^}]*)\};/gm)].flatMap(([, list]) => namesIn(list));
  if (exported.length === 0) return "";
  return `export { ${exported.map(({ as }) => `${as} as ${prefix(name)}${as}`).join(", ")} } from "./${name}";\n`;
}

function importFrom(united: string, names: ReadonlySet<string>, text: string): string {
  return text.replaceAll(/^import (?:\{([^}]*)\} from )?"\.\/([^"]+)";?$/gm, (all, list, name) => {
    if (!names.has(name)) return all;
    if (list === undefined) return `import "./${united}";`;
    return `import { ${
      namesIn(list).map((n) => `${prefix(name)}${n.name} as ${n.as}`).join(", ")
    } } from "./${united}";`;
  });
}

/** Reads what is between the braces of an import or an export. */
function namesIn(list: string): readonly { readonly name: string; readonly as: string }[] {
  return list.split(",").map((one) => one.trim()).filter((one) => one !== "").map((one) => {
    const [name, as = name] = one.split(" as ");
    return { name, as };
  });
}

function prefix(name: string): string {
  return `${name.replaceAll(/\W/g, "_")}_`;
}
