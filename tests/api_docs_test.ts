// Every export of the package's fronts says what it is where it is declared, and so does every method of what is exported.
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import config from "../deno.json" with { type: "json" };

const root = fromFileUrl(new URL("..", import.meta.url));

interface Documented {
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly unknown[] };
}

interface Member extends Documented {
  readonly name: string;
  readonly accessibility?: string | null;
}

interface Declaration extends Documented {
  readonly kind: string;
  readonly location: { readonly filename: string; readonly line: number };
  /** Where the Deno that runs this says what is in it: `def`, or with the kind before it. */
  readonly [definition: string]: unknown;
}

/** What `deno doc` says of a module: with the declarations of a name together (2), or each by itself (1). */
type Documentation =
  | {
    readonly version: 1;
    readonly nodes: readonly (Declaration & { readonly name: string; readonly declarationKind: string })[];
  }
  | {
    readonly version: 2;
    readonly nodes: Readonly<
      Record<string, { readonly symbols: readonly { readonly name: string; readonly declarations: Declaration[] }[] }>
    >;
  };

async function documentationOf(module: string): Promise<Documentation> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "--no-lock", module],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function declarationsIn(documentation: Documentation): { readonly name: string; readonly declared: Declaration }[] {
  const all = documentation.version === 1
    ? documentation.nodes.map((declared) => ({ name: declared.name, declared }))
    : Object.values(documentation.nodes).flatMap(({ symbols }) =>
      symbols.flatMap(({ name, declarations }) => declarations.map((declared) => ({ name, declared })))
    );
  return all.filter(({ declared }) => !["import", "moduleDoc"].includes(declared.kind));
}

/** The methods of a class or an interface. Of a getter and its setter one is enough. */
function methodsOf(declared: Declaration): Member[] {
  interface Definition {
    readonly methods?: readonly Member[];
    readonly implements?: readonly unknown[];
  }
  const older = declared[`${declared.kind}Def`] as Definition | undefined;
  // Only newer ones say of a method what the interface does that it is of.
  if ((older?.implements ?? []).length > 0) return [];
  const { methods = [] } = (declared.def ?? older ?? {}) as Definition;
  const shown = methods.filter(({ accessibility }) => accessibility !== "private");
  const documented = new Set(shown.filter(isDocumented).map(({ name }) => name));
  return shown.filter((member) => isDocumented(member) || !documented.has(member.name));
}

function isDocumented({ jsDoc }: Documented): boolean {
  return jsDoc?.doc !== undefined || (jsDoc?.tags ?? []).length > 0;
}

for (const [name, module] of Object.entries(config.exports)) {
  Deno.test(`the exports of "${name}" have docstrings`, async () => {
    const wrong: string[] = [];
    for (const { name, declared } of declarationsIn(await documentationOf(module))) {
      const where = declared.location.filename.replace(`file://${root}`, "");
      if (!isDocumented(declared)) wrong.push(`${where}: ${name}`);
      for (const member of methodsOf(declared)) {
        if (!isDocumented(member)) wrong.push(`${where}: ${name}.${member.name}`);
      }
    }
    assertEquals(wrong, []);
  });
}
