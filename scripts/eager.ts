/**
 * Has V8 compile the functions that most runs use together with their file. V8 compiles a function when it is called first,
 * and Deno makes its code cache of a file before anything of it has run: so the bytecode of a bundle's functions is never
 * in it, and small evaluations spend up to a quarter of their time on compiling them. But V8 takes a function in parentheses
 * for one that is about to be called, and compiles it with its file.
 *
 * Which functions these are the bundle tells itself, by V8's coverage of some usual command lines
 * (`coverage.ts`). All others stay as they
 * are: the cache is read at each start, and with everything in it that takes 20 ms.
 */
import {
  type AnyNode as Node,
  type ClassBody,
  type Function,
  type Identifier,
  type MethodDefinition,
  parse,
  type PrivateIdentifier,
} from "acorn";
import MagicString from "magic-string";

/**
 * Puts the functions of a module that begin at one of `starts` into parentheses, and changes nothing that it does. Methods
 * are defined one by one for that, private ones as public ones: `module` tells their names from other modules'.
 */
export function compileAtOnce(text: string, { starts, module }: Wanted): string {
  const program = parse(text, { ecmaVersion: "latest", sourceType: "module" });
  const changed = new MagicString(text);
  /** For each class around what is visited: what its private names have become, or are. */
  const privates: Map<string, string>[] = [];
  let classes = 0;
  /** How many functions and loops are around what is visited. */
  let repeating = 0;
  const inParentheses = ({ async, generator }: Function, name = "") =>
    `(${async ? "async " : ""}function${generator ? "*" : ""}${name && ` ${name}`}`;

  const move = ({ start, end }: Node, to: number) => {
    if (start !== to) changed.move(start, end, to);
  };

  const visitClass = (members: ClassBody) => {
    const names = new Map<string, string>();
    privates.push(names);
    const suffix = `_${module}_${classes++}`;
    for (const member of members.body) {
      if (!isMethod(member)) {
        if ("key" in member && isPrivate(member.key)) names.set(member.key.name, `#${member.key.name}`);
        continue;
      }
      const { key: { type, name }, value, kind } = member;
      // V8 leaves `static` out.
      const isWanted = (starts.has(member.start) || starts.has(member.key.start)) && !some(value, ({ type }) =>
        type === "Super") &&
        isAlone(member, members) &&
        // Of a class that is made several times each has private methods of its own, in an object of two of them, too.
        !(isPrivate(member.key) && repeating > 0);
      const given = type === "Identifier" ? name : isWanted ? `__${name}${suffix}` : `#${name}`;
      if (type === "PrivateIdentifier") names.set(name, given);
      if (!isWanted) continue;
      const head = `static { Object.defineProperty(this${member.static ? "" : ".prototype"}, "${given}", { `;
      const what = `${kind === "get" ? "get" : "value"}: ${inParentheses(value, mayBeCalled(name, value) ? name : "")}`;
      changed.overwrite(member.start, value.start, head + what);
      changed.appendLeft(member.end, `), configurable: true${kind === "get" ? "" : ", writable: true"} }); }\n`);
      // Static fields may use it.
      move(member, members.start + 1);
    }
    for (const child of childrenOf(members)) visit(child, members);
    privates.pop();
  };

  const visit = (node: Node, parent?: Node) => {
    if (node.type === "ClassBody") return visitClass(node);
    if (node.type === "PrivateIdentifier") {
      const name = privates.findLast((names) => names.has(node.name))!.get(node.name)!;
      // The name of a method that has moved has gone.
      if (!name.startsWith("#") && parent?.type !== "MethodDefinition") changed.overwrite(node.start, node.end, name);
    } else if (starts.has(node.start)) {
      if (node.type === "FunctionDeclaration" && node.id !== null && parent === program) {
        changed.overwrite(node.start, node.id.end, `var ${node.id.name} = ${inParentheses(node)}`);
        changed.appendLeft(node.end, ");\n");
        // What runs while the module is loaded may call it.
        move(node, 0);
      } else if (isFunctionValue(node, parent)) {
        changed.appendRight(node.start, "(").appendLeft(node.end, ")");
      }
    }
    const isRepeated = /Function|^(?:For|While|DoWhile)/.test(node.type);
    if (isRepeated) repeating++;
    for (const child of childrenOf(node)) visit(child, node);
    if (isRepeated) repeating--;
  };
  visit(program);
  return changed.toString();
}

/**
 * Exports copies of what a module exports and never assigns again. V8 looks up a variable that is exported in the module's
 * cells each time, by the module's own functions too, and can't take it for a constant.
 */
export function exportCopies(text: string): string {
  const program = parse(text, { ecmaVersion: "latest", sourceType: "module" });
  const assigned = new Set<string>();
  noteAssigned(program, assigned);
  const changed = new MagicString(text);
  let prefix = "copied_";
  while (text.includes(prefix)) prefix = `_${prefix}`;
  for (const node of program.body) {
    if (node.type !== "ExportNamedDeclaration" || node.source != null) continue;
    for (const { start, end, local, exported } of node.specifiers) {
      if (local.type !== "Identifier" || exported.type !== "Identifier" || assigned.has(local.name)) continue;
      changed.overwrite(start, end, `${prefix}${local.name} as ${exported.name}`);
      // It may be declared below.
      changed.append(`\nvar ${prefix}${local.name} = ${local.name};`);
    }
  }
  return changed.toString();
}

/** Adds the names that are assigned to, other than where they are declared, or imported. */
function noteAssigned(node: Node, names: Set<string>): void {
  const target = node.type === "AssignmentExpression"
    ? node.left
    : node.type === "UpdateExpression"
    ? node.argument
    : undefined;
  if (target !== undefined) noteNames(target, names);
  if (node.type === "ForInStatement" || node.type === "ForOfStatement") noteNames(node.left, names);
  if (node.type === "ImportDeclaration") { for (const { local } of node.specifiers) names.add(local.name); }
  for (const child of childrenOf(node)) noteAssigned(child, names);
}

/** Adds the names in a pattern, and perhaps more. */
function noteNames(node: Node, names: Set<string>): void {
  if (node.type === "Identifier") names.add(node.name);
  for (const child of childrenOf(node)) noteNames(child, names);
}

/** What is to be compiled at once. */
export interface Wanted {
  /** Where functions begin that are, in UTF-16 units. */
  readonly starts: ReadonlySet<number>;
  /** A number that no other module of the bundle has. */
  readonly module: number;
}

type Method = MethodDefinition & { readonly key: Identifier | PrivateIdentifier; readonly kind: "method" | "get" };

/** Whether a member of a class is a method or a getter with a name. */
function isMethod(member: ClassBody["body"][number]): member is Method {
  return member.type === "MethodDefinition" && (member.kind === "method" || member.kind === "get") &&
    !member.computed &&
    (member.key.type === "Identifier" || isPrivate(member.key));
}

function isPrivate(key: Node): key is PrivateIdentifier {
  return key.type === "PrivateIdentifier";
}

/** Whether a method has its name alone, as halves of accessors don't, and no private one that is asked for (`#a in b`). */
function isAlone({ key }: Method, body: ClassBody): boolean {
  const named = body.body.filter((member) =>
    "key" in member && isPrivate(member.key) === isPrivate(key) && nameOf(member.key) === key.name
  );
  return named.length === 1 && !(isPrivate(key) && asksFor(body, key.name));
}

function nameOf(key: Node): string | undefined {
  if (key.type === "Literal") return String(key.value);
  return key.type === "Identifier" || key.type === "PrivateIdentifier" ? key.name : undefined;
}

function asksFor(body: ClassBody, name: string): boolean {
  return some(
    body,
    (node) => node.type === "BinaryExpression" && node.left.type === "PrivateIdentifier" && node.left.name === name,
  );
}

/** Whether a method's function may have its name: unlike the method it sees it, and not every name is one of a function. */
function mayBeCalled(name: string, method: Node): boolean {
  if (mentions(method, name)) return false;
  try {
    parse(`(function ${name}() {})`, { ecmaVersion: "latest", sourceType: "module" });
    return true;
  } catch {
    return false;
  }
}

/** Whether a name is in a node, other than after a dot. */
function mentions(node: Node, name: string): boolean {
  if (node.type === "Identifier") return node.name === name;
  if (node.type === "MemberExpression" && !node.computed) return mentions(node.object, name);
  return childrenOf(node).some((child) => mentions(child, name));
}

/** Whether a function is a value, and not written as a method, which has its name before it. */
function isFunctionValue(node: Node, parent: Node | undefined): boolean {
  if (node.type === "ArrowFunctionExpression") return true;
  return node.type === "FunctionExpression" && parent?.type !== "MethodDefinition" && parent?.type !== "Property";
}

/** Whether a node, or one in it, is of some kind. */
function some(node: Node, is: (node: Node) => boolean): boolean {
  return is(node) || childrenOf(node).some((child) => some(child, is));
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flat().filter((value): value is Node => typeof value?.type === "string");
}
