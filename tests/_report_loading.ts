// Runs devix, and at its end says on standard error what it loaded of Node and which libraries it opened.
const loaded: string[] = [];

const { getBuiltinModule } = process;
process.getBuiltinModule = ((name: string) => {
  loaded.push(name);
  return getBuiltinModule(name);
}) as typeof getBuiltinModule;

const { dlopen, exit } = Deno;
Deno.dlopen = ((path: string, symbols: Deno.ForeignLibraryInterface) => {
  const names = Object.entries(symbols).map(([key, symbol]) => "name" in symbol ? symbol.name : key);
  loaded.push(names.join("+"));
  return dlopen(path, symbols);
}) as typeof dlopen;

Deno.exit = (code) => {
  console.error(`loaded: ${loaded.join(" ")}`);
  return exit(code);
};

await import("../cli.ts");
