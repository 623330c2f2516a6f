/**
 * Random Nix programs, typed enough that most of them evaluate.
 *
 * An expression is made for a wanted type out of the variables in scope, the constructs of the language and the calls
 * of builtin_calls.ts. Text is assembled with precedences ({@link Piece}), so parentheses appear where they are needed
 * and now and then where they are not; that exercises the parser as much as the evaluator. Two traps: sizes must not
 * explode (lists are short, genList gets small literals, nothing doubles in a loop), and nothing may depend on the
 * machine (no current time, environment or file contents).
 */
import { BUILTIN_CALLS, type BuiltinCall, TEXT_CALLS } from "./builtin_calls.ts";
import * as literal from "./literals.ts";
import { Level, type Piece } from "./pieces.ts";
import type { Random } from "./random.ts";
import { SPECIAL_CALLS } from "./special_calls.ts";
import {
  ATTRIBUTE_NAMES,
  BOOL,
  FLOAT,
  functionOf,
  INT,
  listOf,
  PATH,
  randomSetType,
  randomType,
  setOf,
  STRING,
  type Type,
  typeKey,
} from "./types.ts";

interface Variable {
  readonly name: string;
  readonly type: Type;
}

/** The variables that an expression may use; the last of a name is the one that counts. */
export type Scope = readonly Variable[];

const NAMES = "a b c d e f x y z foo bar baz a' _x a-b self name value map x1 toString' args".split(" ");

/** Chance that an expression gets another type than asked for. */
const ILL_TYPED = 0.006;
/** Chance that an expression is an error instead. */
const FAILING = 0.004;

/** Makes expressions from a stream of random numbers. */
export class Generator {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Returns a whole program of random type and size, as text. */
  program(): string {
    if (this.random.chance(0.08)) return this.#battery();
    if (this.random.chance(0.3)) return this.random.pick(SPECIAL_CALLS)(this) + "\n";
    const depth = this.random.weighted([[2, 2], [3, 3], [4, 4], [3, 5], [1, 6]]);
    return this.expression(randomType(this.random, 2), depth, []).text + "\n";
  }

  /** Returns a list of a few calls of the builtins that take text apart, with text made for them. */
  #battery(): string {
    const { random } = this;
    const calls = random.times(random.between(1, 3), () => `(${random.pick(TEXT_CALLS)(this)})`);
    return `[ ${calls.join(" ")} ]\n`;
  }

  /** Returns an expression of a type; `depth` limits nesting. */
  expression(wanted: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    if (random.chance(FAILING)) return this.#failure(depth, scope);
    const type = random.chance(ILL_TYPED) ? randomType(random, 1) : wanted;
    if (depth <= 0) return this.#leaf(type, scope);
    const make = random.weighted<() => Piece>([
      [3, () => this.#leaf(type, scope)],
      [8, () => this.#operation(type, depth - 1, scope)],
      [7, () => this.#builtin(type, depth - 1, scope)],
      [2.5, () => this.#let(type, depth - 1, scope)],
      [1, () => this.#if(type, depth - 1, scope)],
      [1, () => this.#with(type, depth - 1, scope)],
      [0.5, () => this.#assert(type, depth - 1, scope)],
      [2.5, () => this.#call(type, depth - 1, scope)],
      [2, () => this.#select(type, depth - 1, scope)],
      [0.7, () => this.#element(type, depth - 1, scope)],
      [0.4, () => this.#wrapped(type, depth - 1, scope)],
    ]);
    return make();
  }

  /** Returns the text of an expression where the grammar wants at least this binding strength. */
  at(level: number, type: Type, depth: number, scope: Scope): string {
    return this.wrap(this.expression(type, depth, scope), level);
  }

  /** Returns a piece's text, in parentheses when it binds too loosely or just so. */
  wrap(piece: Piece, level: number): string {
    return piece.level < level || this.random.chance(0.02) ? `(${piece.text})` : piece.text;
  }

  /** Returns text for an argument or list element. */
  argument(type: Type, depth: number, scope: Scope): string {
    return this.at(Level.Select, type, depth, scope);
  }

  #leaf(type: Type, scope: Scope): Piece {
    const { random } = this;
    const key = typeKey(type);
    const matching = scope.filter((variable, index) =>
      typeKey(variable.type) === key && scope.findLastIndex((other) => other.name === variable.name) === index
    );
    if (matching.length > 0 && random.chance(0.75)) return { text: random.pick(matching).name, level: Level.Simple };
    return this.literal(type, 1, scope);
  }

  /** Returns a literal, or a constructor of a list, set or function. */
  literal(type: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    switch (type.kind) {
      case "int":
        return random.chance(0.15)
          ? { text: `-${literal.integerLiteral(random)}`, level: Level.Negation }
          : { text: literal.integerLiteral(random), level: Level.Simple };
      case "float":
        return random.chance(0.15)
          ? { text: `-${literal.floatLiteral(random)}`, level: Level.Negation }
          : { text: literal.floatLiteral(random), level: Level.Simple };
      case "bool":
        return { text: random.pick(["true", "false"]), level: Level.Simple };
      case "null":
        return { text: "null", level: Level.Simple };
      case "path":
        return { text: literal.pathLiteral(random), level: Level.Simple };
      case "string":
        return { text: this.#string(depth, scope), level: Level.Simple };
      case "list": {
        const count = random.weighted([[1, 0], [2, 1], [3, 2], [2, 3], [0.5, 6]]);
        const elements = random.times(count, () => this.argument(type.of, depth - 1, scope));
        return { text: `[ ${elements.join(" ")} ]`, level: Level.Simple };
      }
      case "set":
        return this.#set(type.fields, depth, scope);
      case "function":
        return this.#lambda(type.from, type.to, depth, scope);
    }
  }

  #string(depth: number, scope: Scope): string {
    const { random } = this;
    const part = (content: (text: string) => string) =>
      depth > 0 && random.chance(0.3)
        ? `\${${this.expression(random.chance(0.97) ? STRING : randomType(random, 1), depth - 1, scope).text}}`
        : content(literal.randomText(random));
    if (random.chance(0.8)) {
      const parts = random.times(
        random.weighted([[1, 0], [5, 1], [3, 2], [1, 4]]),
        () => part((text) => literal.quotedContent(random, text)),
      );
      return `"${parts.join("")}"`;
    }
    const line = () => " ".repeat(random.below(4)) + part(literal.indentedContent) + part(literal.indentedContent);
    const lines = random.times(random.below(4), line);
    const open = random.pick(["", "\n", "  \n"]);
    return `''${open}${lines.join("\n")}${random.pick(["", "\n", "\n  "])}''`;
  }

  #set(fields: readonly (readonly [string, Type])[], depth: number, scope: Scope): Piece {
    const { random } = this;
    const recursive = random.chance(0.15);
    const own = recursive ? variablesOf(fields) : [];
    const outer = scope.filter((variable) => !own.some(({ name }) => name === variable.name));
    let inner: Scope = outer;
    const value = (type: Type) => this.expression(type, depth - 1, inner).text;
    const bindings = random.shuffled(fields.map(([name, type], index) => {
      // As in #let: fields see those before them, seldom all.
      const before = new Set(fields.slice(0, index).map(([other]) => other));
      inner = [...outer, ...own.filter((variable) => before.has(variable.name) || random.chance(0.02))];
      const same = scope.findLast((variable) => variable.name === name);
      if (same !== undefined && typeKey(same.type) === typeKey(type) && random.chance(0.5)) return `inherit ${name};`;
      if (random.chance(0.05)) {
        const source = this.argument(setOf([[name, type]]), depth - 1, inner);
        return `inherit (${source}) ${literal.attributeName(random, name).replace(/^\$\{(.*)\}$/, "$1")};`;
      }
      if (type.kind === "set" && type.fields.length > 0 && random.chance(0.25)) {
        const nested = type.fields.map(([field, fieldType]) =>
          `${this.#name(name)}.${this.#name(field)} = ${value(fieldType)};`
        );
        return nested.join(" ");
      }
      if (!recursive && random.chance(0.04)) return `\${${this.#computedName(name)}} = ${value(type)};`;
      return `${this.#name(name)} = ${value(type)};`;
    }));
    if (random.chance(0.02)) bindings.push(`\${null} = ${value(INT)};`);
    if (random.chance(0.02)) {
      bindings.push(`__functor = self: ${this.wrap(this.literal(functionOf(INT, INT), 1, inner), 0)};`);
    }
    if (random.chance(0.02)) bindings.push(`__toString = self: ${value(STRING)};`);
    if (random.chance(0.02)) bindings.push(`outPath = ${value(STRING)};`);
    if (recursive && random.chance(0.05)) bindings.push(`__overrides = ${value(randomSetType(random, 1))};`);
    return { text: `${recursive ? "rec " : ""}{ ${bindings.map((text) => text + " ").join("")}}`, level: Level.Simple };
  }

  #name(name: string): string {
    return literal.attributeName(this.random, name);
  }

  /** Returns an expression whose value is `name`, without being a literal to the parser. */
  #computedName(name: string): string {
    const { random } = this;
    const quoted = (text: string) => `"${literal.quotedContent(random, text)}"`;
    const cut = random.below(name.length + 1);
    return random.pick([`${quoted(name.slice(0, cut))} + ${quoted(name.slice(cut))}`, `(x: x) ${quoted(name)}`]);
  }

  #lambda(from: Type, to: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    if (from.kind !== "set" || !from.fields.every(([name]) => isVariableName(name)) || random.chance(0.2)) {
      const name = random.pick(NAMES);
      const body = this.expression(to, depth - 1, [...scope, { name, type: from }]).text;
      return { text: `${name}: ${body}`, level: Level.Function };
    }
    const inner: Scope = [...scope, ...variablesOf(from.fields)];
    const formals = random.shuffled(from.fields).map(([name, type]) =>
      random.chance(0.3) ? `${name} ? ${this.expression(type, depth - 1, inner).text}` : name
    );
    if (random.chance(0.15)) formals.push(`extra ? ${this.expression(INT, depth - 1, inner).text}`);
    if (random.chance(0.4)) formals.push("...");
    const pattern = formals.length === 0 ? "{ }" : `{ ${formals.join(", ")} }`;
    const at = random.weighted([[6, ""], [1, "before"], [1, "after"]]);
    const head = at === "before" ? `args@${pattern}` : at === "after" ? `${pattern}@args` : pattern;
    const body = this.expression(to, depth - 1, at === "" ? inner : [...inner, { name: "args", type: from }]).text;
    return { text: `${head}: ${body}`, level: Level.Function };
  }

  #operation(type: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    /** A left-associative operator wants the right side tighter, a right-associative one the left, others both. */
    const binary = (
      operator: string,
      level: number,
      left: Type,
      right: Type,
      side: "left" | "right" | "none",
    ): Piece => {
      const l = this.at(side === "left" ? level : level + 1, left, depth, scope);
      const r = this.at(side === "right" ? level : level + 1, right, depth, scope);
      return { text: `${l} ${operator} ${r}`, level };
    };
    const anyType = () => randomType(random, 1);
    switch (type.kind) {
      case "int":
      case "float": {
        const other = type.kind === "float" && random.chance(0.3) ? INT : type;
        return random.weighted<() => Piece>([
          [4, () => binary("+", Level.Sum, type, other, "left")],
          [3, () => binary("-", Level.Sum, type, other, "left")],
          [3, () => binary("*", Level.Product, other, type, "left")],
          [0.7, () => binary("/", Level.Product, type, other, "left")],
          [1, () => ({ text: `-${this.at(Level.Application, type, depth, scope)}`, level: Level.Negation })],
        ])();
      }
      case "bool": {
        const ordered = random.pick([INT, FLOAT, STRING, INT, STRING, PATH, listOf(INT), listOf(STRING)]);
        const compared = anyType();
        const mixed = random.chance(0.1) ? anyType() : compared;
        return random.weighted<() => Piece>([
          [2, () => binary("&&", Level.And, BOOL, BOOL, "left")],
          [2, () => binary("||", Level.Or, BOOL, BOOL, "left")],
          [1, () => binary("->", Level.Implication, BOOL, BOOL, "right")],
          [3, () => binary(random.pick(["==", "!="]), Level.Equality, compared, mixed, "none")],
          [3, () => binary(random.pick(["<", "<=", ">", ">="]), Level.Comparison, ordered, ordered, "none")],
          [2, () => ({ text: `!${this.at(Level.Not, BOOL, depth, scope)}`, level: Level.Not })],
          [2, () => {
            const subject = this.at(Level.Negation, randomSetType(random, 2), depth, scope);
            const path = random.times(
              random.weighted([[4, 1], [1, 2]]),
              () => this.#name(random.pick(ATTRIBUTE_NAMES)),
            );
            return { text: `${subject} ? ${path.join(".")}`, level: Level.HasAttr };
          }],
        ])();
      }
      case "string":
        return random.chance(0.5)
          ? binary("+", Level.Sum, STRING, STRING, "left")
          : { text: this.#string(depth, scope), level: Level.Simple };
      case "path":
        return binary("+", Level.Sum, PATH, random.chance(0.8) ? STRING : PATH, "left");
      case "list":
        return binary("++", Level.Concat, type, type, "right");
      case "set": {
        const cut = random.below(type.fields.length + 1);
        const left = setOf([...type.fields.slice(0, cut), ...randomSetType(random, 1).fields]);
        const right = setOf(
          type.fields.filter(([name], index) => index >= cut || left.fields.some(([n]) => n === name)),
        );
        return binary("//", Level.Update, distinctFields(left), distinctFields(right), "right");
      }
      default:
        return this.literal(type, depth, scope);
    }
  }

  #builtin(type: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    const calls = BUILTIN_CALLS[type.kind];
    if (calls.length === 0) return this.literal(type, depth, scope);
    const call: BuiltinCall = random.weighted(calls.map(([weight, make]) => [weight, make] as const));
    const text = call(this, type, depth, scope);
    if (text === null) return this.literal(type, depth, scope);
    // Most builtins are in scope as `__name` as well; those that are so under their own name are not.
    const spelt = random.chance(0.1) ? text.replace(/^builtins\.(?!isNull|baseNameOf|placeholder)/, "__") : text;
    return { text: spelt, level: Level.Application };
  }

  #let(type: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    const names = [...new Set(random.times(random.between(1, 3), () => random.pick(NAMES)))];
    const variables = names.map((name) => ({ name, type: randomType(random, 1) }));
    // A binding may use those before it, and rarely all; that keeps most programs free of infinite recursion.
    const bindings = variables.map(({ name, type: own }, index) => {
      const visible = random.chance(0.06) ? variables : variables.slice(0, index);
      const hidden = new Set(variables.map((variable) => variable.name));
      const outer = scope.filter((variable) => !hidden.has(variable.name));
      return `${name} = ${this.expression(own, depth, [...outer, ...visible]).text};`;
    });
    const inner = [...scope, ...variables];
    const body = this.expression(type, depth, inner).text;
    if (random.chance(0.05)) {
      return { text: `let { ${random.shuffled([...bindings, `body = ${body};`]).join(" ")} }`, level: Level.Simple };
    }
    return { text: `let ${random.shuffled(bindings).join(" ")} in ${body}`, level: Level.Function };
  }

  #if(type: Type, depth: number, scope: Scope): Piece {
    const condition = this.expression(BOOL, depth, scope).text;
    const [yes, no] = [this.expression(type, depth, scope).text, this.expression(type, depth, scope).text];
    return { text: `if ${condition} then ${yes} else ${no}`, level: Level.Function };
  }

  #with(type: Type, depth: number, scope: Scope): Piece {
    const set = randomSetType(this.random, 2);
    const names = new Set(scope.map((variable) => variable.name));
    const visible = variablesOf(set.fields).filter((variable) => !names.has(variable.name));
    const body = this.expression(type, depth, [...visible, ...scope]).text;
    return { text: `with ${this.expression(set, depth, scope).text}; ${body}`, level: Level.Function };
  }

  #assert(type: Type, depth: number, scope: Scope): Piece {
    const body = this.expression(type, depth, scope).text;
    const condition = this.random.chance(0.8) ? `${this.at(Level.Or, BOOL, depth, scope)} || true` : "true";
    return { text: `assert ${condition}; ${body}`, level: Level.Function };
  }

  #call(type: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    const known = scope.filter((variable) =>
      variable.type.kind === "function" && typeKey(variable.type.to) === typeKey(type)
    );
    const variable = known.length > 0 && random.chance(0.6) ? random.pick(known) : undefined;
    const from = variable?.type.kind === "function" ? variable.type.from : randomType(random, 1);
    const callee = variable?.name ?? `(${this.literal(functionOf(from, type), depth, scope).text})`;
    if (random.chance(0.05)) {
      return {
        text: `{ __functor = self: ${callee}; } ${this.argument(from, depth, scope)}`,
        level: Level.Application,
      };
    }
    return { text: `${callee} ${this.argument(from, depth, scope)}`, level: Level.Application };
  }

  #select(type: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    const sources = scope.flatMap((variable) =>
      variable.type.kind === "set"
        ? variable.type.fields.filter(([, field]) => typeKey(field) === typeKey(type)).map(([name]) =>
          [variable.name, name] as const
        )
        : []
    );
    let subject: string, name: string;
    if (sources.length > 0 && random.chance(0.6)) [subject, name] = random.pick(sources);
    else {
      name = random.pick(ATTRIBUTE_NAMES);
      const fields = [[name, type] as const, ...randomSetType(random, 1).fields.filter(([other]) => other !== name)];
      subject = this.at(Level.Simple, setOf(fields), depth, scope);
    }
    const text = random.chance(0.08) ? `${subject}.\${${this.#computedName(name)}}` : `${subject}.${this.#name(name)}`;
    if (random.chance(0.2)) return { text: `${text} or ${this.argument(type, depth, scope)}`, level: Level.Select };
    return { text, level: Level.Select };
  }

  #element(type: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    const before = random.times(random.below(3), () => this.argument(type, depth, scope));
    const rest = random.times(random.below(2), () => this.argument(type, depth, scope));
    const list = `[ ${[...before, this.argument(type, depth, scope), ...rest].join(" ")} ]`;
    const text = before.length === 0 && random.chance(0.7)
      ? `builtins.head ${list}`
      : `builtins.elemAt ${list} ${before.length}`;
    return { text, level: Level.Application };
  }

  #wrapped(type: Type, depth: number, scope: Scope): Piece {
    const { random } = this;
    const value = this.argument(type, depth, scope);
    const other = this.argument(randomType(random, 1), depth, scope);
    const text = random.pick([
      `builtins.seq ${other} ${value}`,
      `builtins.deepSeq ${other} ${value}`,
      `builtins.addErrorContext "context" ${value}`,
      `(builtins.tryEval ${value}).value`,
      `builtins.trace "t" ${value}`,
      `(x: x) ${value}`,
    ]);
    return { text, level: text.startsWith("(builtins") ? Level.Select : Level.Application };
  }

  #failure(depth: number, scope: Scope): Piece {
    const { random } = this;
    const text = random.weighted([
      [4, `throw ${this.argument(STRING, Math.min(depth, 1), scope)}`],
      [1, `abort "stop"`],
      [1, `assert false; 1`],
      [1, `assert ${this.at(Level.Comparison, INT, 1, scope)} == ${this.at(Level.Comparison, INT, 1, scope)}; 1`],
      [0.3, `undefinedName`],
      [1, `{ }.missing`],
      [0.5, `1 + null`],
    ]);
    return { text, level: Level.Function };
  }
}

function isVariableName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name) && !/^(if|then|else|assert|with|let|in|rec|inherit|or)$/.test(name);
}

function variablesOf(fields: readonly (readonly [string, Type])[]): Variable[] {
  return fields.filter(([name]) => isVariableName(name)).map(([name, type]) => ({ name, type }));
}

function distinctFields(type: Type): Type {
  return type.kind === "set" ? setOf([...new Map(type.fields)]) : type;
}
