/**
 * The grammar of Nix, as C++ Nix 2.34's Bison parser sees it.
 *
 * The parser proper doesn't need it. Bison's error messages do: what is "expected" depends on how the grammar is cut
 * into rules, on their order, and on the precedences. One line per rule with its alternatives; words with a capital are
 * tokens (see `_tokens.ts`), `%Name` gives a rule the precedence of a token, and `empty` stands for nothing.
 */
import { T } from "./_tokens.ts";

const RULES = `
start = expr | ReplBindings binds1
expr = function
function = Id Colon function | formalSet Colon function | formalSet At Id Colon function
  | Id At formalSet Colon function | Assert expr Semicolon function | With expr Semicolon function
  | Let binds In function | if
if = If expr Then expr Else expr | pipeFrom | pipeInto | op
pipeFrom = op PipeFrom pipeFrom | op PipeFrom op
pipeInto = pipeInto PipeInto op | op PipeInto op
op = Bang op %Not | Minus op %Negate | op Eq op | op NEq op | op Less op | op LEq op | op Greater op | op GEq op
  | op And op | op Or op | op Impl op | op Update op | op Question attrPath | op Plus op | op Minus op | op Times op
  | op Slash op | op Concat op | app
app = app select | select
select = simple Dot attrPath | simple Dot attrPath OrKw select | simple OrKw | simple
simple = Id | Int | Float | Quote stringParts Quote | IndOpen indParts IndClose | pathStart PathEnd
  | pathStart interpolated PathEnd | SPath | Uri | LParen expr RParen | Let LBrace binds RBrace
  | Rec LBrace binds RBrace | LBrace binds1 RBrace | LBrace RBrace | LBracket list RBracket
stringParts = Str | interpolated | empty
interpolated = interpolated Str | interpolated DollarCurly expr RBrace | DollarCurly expr RBrace
  | Str DollarCurly expr RBrace
pathStart = Path | HPath
indParts = indParts IndStr | indParts DollarCurly expr RBrace | empty
binds = binds1 | empty
binds1 = binds1 attrPath Assign expr Semicolon | binds Inherit attrs Semicolon
  | binds Inherit LParen expr RParen attrs Semicolon | attrPath Assign expr Semicolon
attrs = attrs attr | attrs stringAttr | empty
attrPath = attrPath Dot attr | attrPath Dot stringAttr | attr | stringAttr
attr = Id | OrKw
stringAttr = Quote stringParts Quote | DollarCurly expr RBrace
list = list select | empty
formalSet = LBrace formals Comma Ellipsis RBrace | LBrace Ellipsis RBrace | LBrace formals Comma RBrace
  | LBrace formals RBrace | LBrace RBrace
formals = formals Comma formal | formal
formal = Id | Id Question expr
`;

/** Loosest first. */
const PRECEDENCES = `
right Impl
left Or
left And
none Eq NEq
none Less Greater LEq GEq
right Update
left Not
left Plus Minus
left Times Slash
right Concat
none Question
none Negate
`;

/** `left = right`; symbols below {@link Grammar.tokenCount} are tokens, those above non-terminals. */
export interface Rule {
  readonly left: number;
  readonly right: readonly number[];
  /** 0 for none. */
  readonly precedence: number;
}

export type Associativity = "left" | "right" | "none";

/** A grammar; rule 0 is "start symbol, then end of file". */
export interface Grammar {
  readonly tokenCount: number;
  readonly symbolCount: number;
  readonly rules: readonly Rule[];
  /** By token; 0 for none. */
  readonly precedence: readonly number[];
  readonly associativity: readonly Associativity[];
}

/** Returns the grammar of Nix. */
export function nixGrammar(): Grammar {
  const tokens = T as Readonly<Record<string, number>>;
  const tokenCount = Object.keys(T).length;
  const precedence: number[] = new Array(tokenCount).fill(0);
  const associativity: Associativity[] = new Array(tokenCount).fill("none");
  PRECEDENCES.trim().split("\n").forEach((line, index) => {
    const [kind, ...names] = line.split(" ");
    for (const name of names) {
      precedence[tokens[name]] = index + 1;
      associativity[tokens[name]] = kind as Associativity;
    }
  });

  const lines = RULES.trim().replace(/\n {2}/g, " ").split("\n").map((line) => line.split(" = "));
  const symbols = new Map<string, number>(Object.entries(T));
  lines.forEach(([left], index) => symbols.set(left, tokenCount + 1 + index));
  const symbol = (name: string): number => symbols.get(name)!;

  const rules: Rule[] = [{ left: tokenCount, right: [symbol("start"), T.Eof], precedence: 0 }];
  for (const [left, alternatives] of lines) {
    for (const alternative of alternatives.split(" | ")) {
      const words = alternative.split(" ").filter((word) => word !== "empty");
      const last = words.at(-1);
      const named = last?.startsWith("%") ? symbol(words.pop()!.substring(1)) : undefined;
      const right = words.map(symbol);
      // Bison: the last token of a rule lends it its precedence.
      const lender = named ?? right.findLast((s) => s < tokenCount);
      rules.push({ left: symbol(left), right, precedence: lender === undefined ? 0 : precedence[lender] });
    }
  }
  return { tokenCount, symbolCount: tokenCount + 1 + lines.length, rules, precedence, associativity };
}
