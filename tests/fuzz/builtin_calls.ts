/**
 * Calls of the pure builtins, by the type of what they return. Each entry makes the text of one application with
 * arguments that mostly fit. Left out: whatever looks at the clock, the environment, the network or files.
 */
import type { Generator, Scope } from "./generate.ts";
import * as literal from "./literals.ts";
import { Level } from "./pieces.ts";
import {
  BOOL,
  FLOAT,
  functionOf,
  INT,
  listOf,
  NULL,
  PATH,
  randomSetType,
  randomType,
  setOf,
  STRING,
  type Type,
  typeKey,
} from "./types.ts";

/** Makes the text of a call that returns `type`; null when there is none for this very type. */
export type BuiltinCall = (generator: Generator, type: Type, depth: number, scope: Scope) => string | null;

type Weighted = readonly (readonly [weight: number, call: BuiltinCall])[];

/** `call(1, "add", INT, INT)`: a builtin whose argument types are fixed. */
function call(weight: number, name: string, ...types: readonly Type[]): [number, BuiltinCall] {
  return [
    weight,
    (g, _type, depth, scope) => `builtins.${name} ${types.map((t) => g.argument(t, depth, scope)).join(" ")}`,
  ];
}

/** A builtin with an argument of any type. */
function callAny(weight: number, name: string): [number, BuiltinCall] {
  return [weight, (g, _type, depth, scope) => `builtins.${name} ${g.argument(randomType(g.random, 1), depth, scope)}`];
}

/** A builtin with text arguments made by `texts`, written as string literals. */
function callTexts(weight: number, name: string, texts: (g: Generator) => readonly string[]): [number, BuiltinCall] {
  return [weight, (g) => `builtins.${name} ${texts(g).map((text) => quoted(g, text)).join(" ")}`];
}

function quoted(g: Generator, text: string): string {
  return `"${literal.quotedContent(g.random, text)}"`;
}

/** A call for sets whose fields the builtin decides: those wanted are added with `//`, mostly. */
function completing([weight, call]: readonly [number, BuiltinCall]): [number, BuiltinCall] {
  return [weight, (g, type, depth, scope) => {
    const made = call(g, type, depth, scope);
    if (type.kind !== "set" || (type.fields.length === 0 && g.random.chance(0.8)) || g.random.chance(0.03)) return made;
    return `(${made} // ${g.at(Level.Update, type, Math.min(depth, 1), scope)})`;
  }];
}

/** Returns text for a derivation with a few attributes of any coercible type. */
function derivation(g: Generator, depth: number, scope: Scope): string {
  const { random } = g;
  const coercible = () => random.pick([INT, BOOL, NULL, STRING, listOf(STRING), listOf(INT), FLOAT]);
  const attrs = ["a", "b", "args'", "PATH"].filter(() => random.chance(0.4)).map((name) =>
    `${name} = ${g.expression(coercible(), depth - 1, scope).text};`
  );
  const special = random.weighted([[5, "none"], [3, "outputs"], [2, "fixed"]]);
  if (special === "outputs") attrs.push(`outputs = [ ${random.pick(['"out"', '"out" "dev"', '"lib" "out"'])} ];`);
  if (special === "fixed") {
    const hash = random.pick([
      "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
      "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    ]);
    attrs.push(`outputHash = "${hash}"; outputHashMode = "${random.pick(["flat", "recursive", "nar"])}";`);
  }
  if (random.chance(0.15)) attrs.push("__structuredAttrs = true;");
  if (random.chance(0.1)) attrs.push("__ignoreNulls = true;");
  const name = random.pick(["d", "name-1.0", "x"]);
  return `(derivation { name = "${name}"; system = "s"; builder = "/b"; ${attrs.join(" ")} })`;
}

const ALGORITHMS = ["md5", "sha1", "sha256", "sha512"];

const smallCount = (g: Generator) =>
  String(g.random.weighted([[6, g.random.below(6)], [0.1, -1]])).replace("-1", "(-1)");

const INT_CALLS: Weighted = [
  call(1, "add", INT, INT),
  call(1, "sub", INT, INT),
  call(1, "mul", INT, INT),
  call(0.4, "div", INT, INT),
  call(1, "bitAnd", INT, INT),
  call(1, "bitOr", INT, INT),
  call(1, "bitXor", INT, INT),
  call(0.8, "floor", FLOAT),
  call(0.8, "ceil", FLOAT),
  call(2, "stringLength", STRING),
  [3, (g, _t, depth, scope) => `builtins.length ${g.argument(listOf(randomType(g.random, 1)), depth, scope)}`],
  callTexts(1, "compareVersions", (g) => [literal.versionText(g.random), literal.versionText(g.random)]),
  [
    1.5,
    (g, _t, depth, scope) =>
      `builtins.foldl' ${g.argument(functionOf(INT, functionOf(INT, INT)), depth, scope)} ${
        g.argument(INT, depth, scope)
      } ${g.argument(listOf(INT), depth, scope)}`,
  ],
  callTexts(0.5, "fromJSON", (g) => [literal.jsonText(g.random, 0)]),
];

const BOOL_CALLS: Weighted = [
  callAny(0.5, "isAttrs"),
  callAny(0.5, "isBool"),
  callAny(0.5, "isFloat"),
  callAny(0.5, "isFunction"),
  callAny(0.5, "isInt"),
  callAny(0.5, "isList"),
  callAny(0.5, "isNull"),
  callAny(0.5, "isPath"),
  callAny(0.5, "isString"),
  call(1, "lessThan", INT, INT),
  call(0.7, "lessThan", STRING, STRING),
  call(0.5, "hasContext", STRING),
  call(1, "hasAttr", STRING, setOf([["a", INT], ["b", STRING]])),
  [1, (g, _t, depth, scope) => {
    const of = randomType(g.random, 1);
    const name = g.random.pick(["all", "any"]);
    return `builtins.${name} ${g.argument(functionOf(of, BOOL), depth, scope)} ${g.argument(listOf(of), depth, scope)}`;
  }],
  [1, (g, _t, depth, scope) => {
    const of = randomType(g.random, 1);
    return `builtins.elem ${g.argument(of, depth, scope)} ${g.argument(listOf(of), depth, scope)}`;
  }],
  [0.2, () => `builtins.pathExists /nonexistent/dir`],
];

const STRING_CALLS: Weighted = [
  callAny(1, "typeOf"),
  [2, (g, _t, depth, scope) => {
    const type = g.random.pick([
      INT,
      FLOAT,
      BOOL,
      STRING,
      NULL,
      PATH,
      listOf(INT),
      listOf(STRING),
      listOf(listOf(BOOL)),
    ]);
    return `toString ${g.argument(type, depth, scope)}`;
  }],
  [
    2,
    (g, _t, depth, scope) =>
      `builtins.substring ${g.random.below(4)} ${g.random.pick(["0", "1", "2", "10", "(-1)"])} ${
        g.argument(STRING, depth, scope)
      }`,
  ],
  call(1.5, "concatStringsSep", STRING, listOf(STRING)),
  [1.5, (g, _t, depth, scope) => {
    const count = g.random.below(4);
    const texts = () =>
      `[ ${g.random.times(count, () => quoted(g, literal.regexSubject(g.random).slice(0, 2))).join(" ")} ]`;
    const subject = g.random.chance(0.5) ? quoted(g, literal.regexSubject(g.random)) : g.argument(STRING, depth, scope);
    return `builtins.replaceStrings ${texts()} ${texts()} ${subject}`;
  }],
  [2, (g, _t, depth, scope) => `builtins.toJSON ${g.argument(randomType(g.random, 2), depth, scope)}`],
  [1, (g, _t, depth, scope) => `builtins.toXML ${g.argument(randomType(g.random, 2), depth, scope)}`],
  call(0.7, "baseNameOf", STRING),
  call(0.7, "dirOf", STRING),
  call(0.3, "baseNameOf", PATH),
  [
    0.7,
    (g, _t, depth, scope) => `builtins.hashString "${g.random.pick(ALGORITHMS)}" ${g.argument(STRING, depth, scope)}`,
  ],
  [0.5, (g) => {
    const algorithm = g.random.pick(ALGORITHMS);
    const format = g.random.pick(["base16", "nix32", "base64", "sri"]);
    return `builtins.convertHash { hash = builtins.hashString "${algorithm}" "x"; hashAlgo = "${algorithm}"; toHashFormat = "${format}"; }`;
  }],
  call(0.5, "unsafeDiscardStringContext", STRING),
  call(0.3, "unsafeDiscardOutputDependency", STRING),
  [0.7, (g, _t, depth, scope) => `builtins.toFile "f" ${g.argument(STRING, depth, scope)}`],
  [0.3, (g) => `builtins.placeholder ${quoted(g, g.random.pick(["out", "dev", ""]))}`],
  [
    0.8,
    (g, _t, depth, scope) =>
      `toString ${derivation(g, depth, scope)}${g.random.pick([".outPath", ".drvPath", "", ".name"])}`,
  ],
  [
    0.3,
    (g) =>
      `builtins.head (builtins.match ".*(${g.random.pick(["a", "b*", "."])}).*" ${
        quoted(g, literal.regexSubject(g.random) + "a")
      })`,
  ],
  [0.2, () => `builtins.toPath "/a/../b/./c"`],
];

const LIST_CALLS: Weighted = [
  [3, (g, type, depth, scope) => {
    const from = randomType(g.random, 1);
    return `map ${g.argument(functionOf(from, elementOf(type)), depth, scope)} ${
      g.argument(listOf(from), depth, scope)
    }`;
  }],
  [
    2,
    (g, type, depth, scope) =>
      `builtins.filter ${g.argument(functionOf(elementOf(type), BOOL), depth, scope)} ${
        g.argument(type, depth, scope)
      }`,
  ],
  [
    2,
    (g, type, depth, scope) =>
      `builtins.genList ${g.argument(functionOf(INT, elementOf(type)), depth, scope)} ${smallCount(g)}`,
  ],
  [0.7, (g, type, depth, scope) => `builtins.tail ${g.argument(type, depth, scope)}`],
  [1, (g, type, depth, scope) => `builtins.concatLists ${g.argument(listOf(type), depth, scope)}`],
  [1, (g, type, depth, scope) => {
    const from = randomType(g.random, 1);
    return `builtins.concatMap ${g.argument(functionOf(from, type), depth, scope)} ${
      g.argument(listOf(from), depth, scope)
    }`;
  }],
  [1.5, (g, type, depth, scope) => {
    const ordered = ["int", "float", "string", "path"].includes(elementOf(type).kind);
    const less = ordered && g.random.chance(0.8)
      ? "builtins.lessThan"
      : `(a: b: ${g.expression(BOOL, depth - 1, scope).text})`;
    return `builtins.sort ${less} ${g.argument(type, depth, scope)}`;
  }],
  [0.7, (g, type, depth, scope) => {
    const side = g.random.pick(["right", "wrong"]);
    const predicate = g.argument(functionOf(elementOf(type), BOOL), depth, scope);
    return `(builtins.partition ${predicate} ${g.argument(type, depth, scope)}).${side}`;
  }],
  [
    1,
    (g, type, depth, scope) =>
      elementOf(type).kind === "string"
        ? `builtins.attrNames ${g.argument(randomSetType(g.random, 2), depth, scope)}`
        : null,
  ],
  [1, (g, type, depth, scope) => {
    const of = elementOf(type);
    return `builtins.attrValues ${g.argument(setOf([["b", of], ["a", of], ["x y", of]]), depth, scope)}`;
  }],
  [0.7, (g, type, depth, scope) => {
    const of = elementOf(type);
    return `builtins.catAttrs "a" [ ${g.argument(setOf([["a", of]]), depth, scope)} { } ${
      g.argument(setOf([["a", of], ["b", INT]]), depth, scope)
    } ]`;
  }],
  [
    0.7,
    (g, type) =>
      elementOf(type).kind !== "string"
        ? null
        : `builtins.filter builtins.isString (builtins.split "[-.]" ${quoted(g, literal.versionText(g.random))})`,
  ],
  [0.7, (g, type, depth, scope) => {
    if (elementOf(type).kind !== "int") return null;
    const limit = g.random.below(6);
    const start = g.argument(listOf(setOf([["key", INT], ["v", STRING]])), depth, scope);
    return `map (x: x.key) (builtins.genericClosure { startSet = ${start}; operator = { key, ... }: if key > ${limit} || key < 0 then [ ] else [ { key = key + 1; } { key = key * 2 + 1; } ]; })`;
  }],
];

const SET_CALLS: Weighted = [
  [2, (g, type, depth, scope) => {
    // One function serves all fields, so it can do something only where they are of one type.
    const of = fieldsOf(type)[0]?.[1] ?? INT;
    const uniform = fieldsOf(type).every(([, other]) => typeKey(other) === typeKey(of));
    const map = uniform ? g.argument(functionOf(STRING, functionOf(of, of)), depth, scope) : "(n: v: v)";
    return `builtins.mapAttrs ${map} ${g.argument(type, depth, scope)}`;
  }],
  [
    1.5,
    (g, type, depth, scope) =>
      `removeAttrs ${g.argument(type, depth, scope)} [ ${g.random.pick(['"a"', '"zz" "b"', "", '"x y"'])} ]`,
  ],
  [
    1.5,
    (g, type, depth, scope) =>
      `builtins.intersectAttrs ${g.argument(randomSetType(g.random, 1), depth, scope)} ${
        g.argument(type, depth, scope)
      }`,
  ],
  [1.5, (g, type, depth, scope) => {
    const items = fieldsOf(type).map(([name, of]) =>
      `{ name = ${quoted(g, name)}; value = ${g.expression(of, depth - 1, scope).text}; }`
    );
    return `builtins.listToAttrs [ ${g.random.shuffled(items).join(" ")} ]`;
  }],
];

/** Calls that return sets with names of their own. */
const FREE_SET_CALLS: Weighted = [
  [1, (g, _t, depth, scope) => {
    const of = randomType(g.random, 1);
    return `builtins.groupBy ${g.argument(functionOf(of, STRING), depth, scope)} ${
      g.argument(listOf(of), depth, scope)
    }`;
  }],
  [1, (g, _t, depth, scope) => {
    const sets = g.random.times(g.random.below(3), () => g.argument(randomSetType(g.random, 1), depth, scope));
    return `builtins.zipAttrsWith ${g.random.pick(["(n: vs: vs)", "(n: vs: builtins.length vs)", "(n: vs: n)"])} [ ${
      sets.join(" ")
    } ]`;
  }],
  callTexts(
    1,
    "parseDrvName",
    (g) => [`${g.random.pick(["a", "foo-bar", "", "x-1"])}-${literal.versionText(g.random)}`],
  ),
  [1, (g, _t, depth, scope) => `builtins.tryEval ${g.argument(randomType(g.random, 1), depth, scope)}`],
  [1, (g, _t, depth, scope) => {
    const from = g.random.chance(0.7) ? randomSetType(g.random, 1) : INT;
    return `builtins.functionArgs ${g.argument(functionOf(from, INT), depth, scope)}`;
  }],
  callTexts(1, "fromJSON", (g) => [`{"a":${literal.jsonText(g.random)},"b":${literal.jsonText(g.random, 1)}}`]),
  callTexts(0.7, "fromTOML", (g) => [literal.tomlText(g.random)]),
  call(0.4, "getContext", STRING),
  [0.3, (g, _t, depth, scope) => {
    const of = randomType(g.random, 1);
    return `builtins.partition ${g.argument(functionOf(of, BOOL), depth, scope)} ${
      g.argument(listOf(of), depth, scope)
    }`;
  }],
  [
    0.3,
    (g, _t, depth, scope) =>
      `builtins.getContext ${derivation(g, depth, scope)}.${g.random.pick(["outPath", "drvPath"])}`,
  ],
  [0.2, (g, _t, depth, scope) => derivation(g, depth, scope)],
];

const FLOAT_CALLS: Weighted = [
  call(1, "add", FLOAT, INT),
  call(1, "mul", FLOAT, FLOAT),
  call(1, "sub", INT, FLOAT),
  call(0.5, "div", FLOAT, FLOAT),
  [0.5, () => `builtins.fromJSON "1.5"`],
];

/** Calls of builtins that take text apart, with text that suits them. */
export const TEXT_CALLS: readonly ((g: Generator) => string)[] = [
  (g) => `builtins.match ${quoted(g, literal.regexText(g.random))} ${quoted(g, literal.regexSubject(g.random))}`,
  (g) => `builtins.split ${quoted(g, literal.regexText(g.random))} ${quoted(g, literal.regexSubject(g.random))}`,
  (g) =>
    `builtins.compareVersions ${quoted(g, literal.versionText(g.random))} ${quoted(g, literal.versionText(g.random))}`,
  (g) => `builtins.splitVersion ${quoted(g, literal.versionText(g.random))}`,
  (g) => `builtins.parseDrvName ${quoted(g, `${g.random.pick(["a", "x-y"])}-${literal.versionText(g.random)}`)}`,
  (g) => `builtins.fromJSON ${quoted(g, literal.jsonText(g.random, 3))}`,
  (g) => `builtins.toJSON (builtins.fromJSON ${quoted(g, literal.jsonText(g.random, 2))})`,
  (g) => `builtins.fromTOML ${quoted(g, literal.tomlText(g.random))}`,
  (g) => {
    const count = g.random.below(4);
    const texts = () =>
      `[ ${g.random.times(count, () => quoted(g, literal.regexSubject(g.random).slice(0, 2))).join(" ")} ]`;
    return `builtins.replaceStrings ${texts()} ${texts()} ${quoted(g, literal.regexSubject(g.random))}`;
  },
  (g) =>
    `map builtins.baseNameOf [ ${quoted(g, literal.randomText(g.random))} ${
      quoted(g, "/" + literal.randomText(g.random))
    } ]`,
  (g) => `map dirOf [ ${quoted(g, literal.randomText(g.random))} ${quoted(g, "/" + literal.randomText(g.random))} ]`,
  (g) =>
    `builtins.concatStringsSep ${quoted(g, literal.randomText(g.random))} [ ${
      quoted(g, literal.randomText(g.random))
    } "b" ]`,
];

/** The calls by the kind of type they return; empty where there is none. */
export const BUILTIN_CALLS: Readonly<Record<Type["kind"], Weighted>> = {
  int: INT_CALLS,
  float: FLOAT_CALLS,
  bool: BOOL_CALLS,
  string: STRING_CALLS,
  null: [],
  path: [[1, (g, _t, depth, scope) => `dirOf ${g.argument(PATH, depth, scope)}`]],
  list: LIST_CALLS,
  set: [...SET_CALLS, ...FREE_SET_CALLS.map(completing)],
  function: [
    [
      1,
      (g) =>
        `builtins.${
          g.random.pick(["length", "toString", "isInt", "add 1", "typeOf", "substring 0 1", "elem 1", "lessThan 1"])
        }`,
    ],
  ],
};

function elementOf(type: Type): Type {
  return type.kind === "list" ? type.of : INT;
}

function fieldsOf(type: Type): readonly (readonly [string, Type])[] {
  return type.kind === "set" ? type.fields : [];
}
