/**
 * A reader of the log, written from what devenv says of its own (../shared/devenv.md): a line that it couldn't use is lost,
 * and said so.
 */

/** Something an evaluation depended on, as learned from the log. */
export interface LoggedOperation {
  readonly op: "evaluate" | "readFile" | "readDir" | "pathExists" | "getEnv" | "copy";
  /** A path, or a variable's name. */
  readonly path: string;
  /** The store path, of a copy. */
  readonly target?: string;
}

/** What there is in a log. */
export interface ParsedLog {
  /** Lines that weren't understood. */
  readonly lost: readonly string[];
  readonly operations: readonly LoggedOperation[];
  /** Texts of level 0 that are errors. */
  readonly errors: readonly string[];
}

const OPERATIONS: readonly (readonly [LoggedOperation["op"], RegExp])[] = [
  ["evaluate", /^evaluating file '(.*)'$/],
  ["copy", /^copied source '(.*)' -> '(.*)'$/],
  ["readFile", /^devenv readFile: '(.*)'$/],
  ["readDir", /^devenv readDir: '(.*)'$/],
  ["pathExists", /^devenv pathExists: '(.*)'$/],
  ["getEnv", /^devenv getEnv: '(.*)'$/],
];

/** Activities, and how many fields they have at least. */
const ACTIVITIES = new Map([[0, 0], [100, 3], [101, 1], [102, 0], [103, 0], [104, 0], [105, 1], [108, 1], [109, 1]]);
for (const type of [106, 107, 110, 111, 112]) ACTIVITIES.set(type, 0);
ACTIVITIES.set(113, 2);
const RESULTS = new Map([[100, 0], [101, 1], [102, 0], [103, 0], [104, 1], [105, 4], [106, 2], [107, 1], [108, 1]]);

/** Reads a log. */
export function parseLog(text: string): ParsedLog {
  const lost: string[] = [];
  const operations: LoggedOperation[] = [];
  const errors: string[] = [];
  const running = new Set<number>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const message = line.startsWith("@nix ") ? parse(line.slice(5)) : undefined;
    if (message === undefined || !isUsable(message, running)) {
      lost.push(line);
      continue;
    }
    if (message.action !== "msg") continue;
    const msg = String(message.msg);
    if (message.level === 0 && msg.startsWith("\x1b[31;1merror:")) errors.push(msg);
    for (const [op, pattern] of OPERATIONS) {
      const match = pattern.exec(msg);
      if (match !== null && message.level === 4) {
        operations.push(match[2] === undefined ? { op, path: match[1] } : { op, path: match[1], target: match[2] });
      }
    }
  }
  for (const id of running) lost.push(`activity ${id} never stops`);
  return { lost, operations, errors };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isUsable(message: Record<string, unknown>, running: Set<number>): boolean {
  const { action, level, msg, id, type, text, parent, fields } = message;
  const isLevel = Number.isInteger(level) && Number(level) >= 0 && Number(level) <= 7;
  const isId = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;
  const hasFields = (least: number | undefined) =>
    least !== undefined && Array.isArray(fields) && fields.length >= least &&
    fields.every((field) => typeof field === "string" || isId(field));
  switch (action) {
    case "msg":
      return isLevel && typeof msg === "string" && ["string", "undefined"].includes(typeof message.raw_msg);
    case "start":
      if (running.has(Number(id))) return false;
      running.add(Number(id));
      return isLevel && isId(id) && isId(parent) && typeof text === "string" && hasFields(ACTIVITIES.get(Number(type)));
    case "stop":
      return running.delete(Number(id));
    case "result":
      return running.has(Number(id)) && hasFields(RESULTS.get(Number(type)));
    case "setPhase":
      return typeof message.phase === "string";
    default:
      return false;
  }
}
