// Flakes that C++ Nix refuses, or takes though they are odd, and their lock files.

/** A flake in a directory of its own. */
export interface OddFlake {
  readonly nix: string;
  readonly lock?: string;
}

const OUTPUTS = "outputs = _: { };";
const odd: Record<string, OddFlake> = {};

for (
  const [name, nix] of Object.entries({
    "no set": "_: { }",
    "computed": `let in { ${OUTPUTS} }`,
    "computed description": `{ description = "a" + "b"; ${OUTPUTS} }`,
    "description of another type": `{ description = 1; ${OUTPUTS} }`,
    "outputs of another type": "{ outputs = { }; }",
    "inputs of another type": `{ inputs = [ ]; ${OUTPUTS} }`,
    "an input of another type": `{ inputs.a = "b"; ${OUTPUTS} }`,
    "a computed url": `{ inputs.a.url = "path:" + "/b"; ${OUTPUTS} }`,
    "a url of another type": `{ inputs.a.url = x: x; ${OUTPUTS} }`,
    "flake of another type": `{ inputs.a.flake = "no"; ${OUTPUTS} }`,
    "follows of another type": `{ inputs.a.follows = null; ${OUTPUTS} }`,
    "follows that names no input": `{ inputs.a.follows = "b/c:d"; ${OUTPUTS} }`,
    "follows and url": `{ inputs.a = { follows = "b"; url = "path:/b"; }; ${OUTPUTS} }`,
    "an override of another type": `{ inputs.a.inputs.b = true; ${OUTPUTS} }`,
    "an override of self": `{ inputs.a.inputs.self = { }; ${OUTPUTS} }`,
    "an unknown attribute of an input": `{ inputs.a = { url = "path:/b"; z = 1; b = 2; }; ${OUTPUTS} }`,
    "an attribute of an input that is a float": `{ inputs.a.rev = 1.5; ${OUTPUTS} }`,
    "an attribute of an input that throws": `{ inputs.a.rev = throw "no"; ${OUTPUTS} }`,
    "an input without its attributes": `{ inputs.a.type = "path"; ${OUTPUTS} }`,
    "an unknown attribute of self": `{ inputs.self.z = true; ${OUTPUTS} }`,
    "nixConfig of another type": `{ nixConfig = "a"; ${OUTPUTS} }`,
    "a setting that is a set": `{ nixConfig.a = { }; ${OUTPUTS} }`,
    "a setting that is a list of integers": `{ nixConfig.a = [ 1 ]; ${OUTPUTS} }`,
    "a computed setting": `{ nixConfig.a = 1 + 1; ${OUTPUTS} }`,
    "an unknown attribute": `{ z = 1; ${OUTPUTS} }`,
  })
) odd[name] = { nix: `${nix}\n` };

for (
  const lock of [
    "null",
    "[ ]",
    "{ }",
    `{ "version": "7" }`,
    `{ "version": true }`,
    `{ "version": 4294967304 }`,
    `{ "version": 7 }`,
    `{ "version": 7, "nodes": [ ], "root": "root" }`,
    `{ "version": 7, "nodes": { "root": { "inputs": [ "a" ] } }, "root": "root" }`,
    `{ "version": 7, "nodes": { "root": { "inputs": { "a": "constructor" } } }, "root": "root" }`,
    `{ "version": 7, "nodes": { "root": { "inputs": { "a": 1 } } }, "root": "root" }`,
    `{ "version": 7, "nodes": { "root": { "inputs": { "a": "a" } }, "a": [ ] }, "root": "root" }`,
  ]
) odd[`lock file ${lock}`] = { nix: `{ ${OUTPUTS} }\n`, lock };

/** By name. */
export const ODD_FLAKES: Readonly<Record<string, OddFlake>> = odd;

/** Returns the directory of one. */
export function oddFlakeDir(name: string): string {
  return `odd-flakes/${Object.keys(odd).indexOf(name)}`;
}
