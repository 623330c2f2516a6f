/**
 * The lines of `--log-format internal-json`: `@nix ` and one JSON object each, as C++ Nix 2.34 writes them and devenv and
 * nom read them.
 *
 * An activity starts, may report results, and stops; messages stand alone. Readers are strict: devenv drops a `start`
 * without `parent` or `fields` and a `result` without `fields` in silence, so these are always there. Members are in
 * alphabetical order, as there. Texts are binary strings; what isn't UTF-8 becomes U+FFFD.
 */
import { decodeUtf8Lossy, encodeUtf8 } from "../text/utf8.ts";

/** What an activity is; the numbers are those of the protocol. */
const ACTIVITY_TYPES = {
  unknown: 0,
  /** Fields: store path, where from, where to. */
  copyPath: 100,
  /** Fields: URL. */
  fileTransfer: 101,
  realise: 102,
  copyPaths: 103,
  builds: 104,
  /** Fields: derivation, machine, round, rounds. */
  build: 105,
  optimiseStore: 106,
  verifyPaths: 107,
  /** Fields: store path, substituter. */
  substitute: 108,
  queryPathInfo: 109,
  postBuildHook: 110,
  buildWaiting: 111,
  /** No fields; the text says what. */
  fetchTree: 112,
  /** devenv's own. Fields: source path, store path. */
  copySource: 113,
} as const;

/** What an activity reports; the numbers are those of the protocol. */
const RESULT_TYPES = {
  fileLinked: 100,
  /** Fields: line. */
  buildLogLine: 101,
  untrustedPath: 102,
  corruptedPath: 103,
  /** Fields: phase. */
  setPhase: 104,
  /** Fields: done, expected, running, failed. */
  progress: 105,
  /** Fields: type of the activities, how many (or how many bytes). */
  setExpected: 106,
  postBuildLogLine: 107,
  fetchStatus: 108,
} as const;

/** The name of a kind of activity. */
export type ActivityType = keyof typeof ACTIVITY_TYPES;

/** The name of a kind of result. */
export type ResultType = keyof typeof RESULT_TYPES;

/** A datum of an activity or result; numbers are not negative. */
export type LogField = string | number;

/** Something that takes a while. */
export interface Activity {
  readonly type: ActivityType;
  /** From which verbosity on people want to know. */
  readonly level: number;
  /** What is shown of it; may be empty. */
  readonly text: string;
  readonly fields?: readonly LogField[];
  /** The id of the activity this one is part of; 0 or nothing if it is none's. */
  readonly parent?: number;
}

/** A place in a source: `file` is the name that messages have for it, with line and column. */
export interface LogPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An error or warning, in parts and as it looks. */
export interface LogRecord {
  readonly level: number;
  /** What a person sees, without a newline at the end. */
  readonly rendered: string;
  /** The message alone. */
  readonly message: string;
  readonly position: LogPosition | null;
  /** Innermost first; null unless traces are to be shown. */
  readonly trace: readonly { readonly message: string; readonly position: LogPosition | null }[] | null;
}

/** Returns the line of a message. */
export function messageLine(level: number, text: string): string {
  return line([["action", "msg"], ["level", level], ["msg", text]]);
}

/** Returns the line of an error or warning. */
export function recordLine({ level, rendered, message, position, trace }: LogRecord): string {
  return line([
    ["action", "msg"],
    ["column", position?.column ?? null],
    ["file", position?.file ?? null],
    ["level", level],
    ["line", position?.line ?? null],
    ["msg", rendered],
    ["raw_msg", message],
    ...(trace === null || trace.length === 0 ? [] : [["trace", { objects: trace.map(frameMembers) }] as Member]),
  ]);
}

/** Returns the line of an activity that starts; ids are positive and not used again. */
export function startLine(id: number, { type, level, text, fields = [], parent = 0 }: Activity): string {
  return line([
    ["action", "start"],
    ["fields", { fields }],
    ["id", id],
    ["level", level],
    ["parent", parent],
    ["text", text],
    ["type", ACTIVITY_TYPES[type]],
  ]);
}

/** Returns the line of an activity that is over. */
export function stopLine(id: number): string {
  return line([["action", "stop"], ["id", id]]);
}

/** Returns the line of what an activity reports. */
export function resultLine(id: number, type: ResultType, fields: readonly LogField[]): string {
  return line([["action", "result"], ["fields", { fields }], ["id", id], ["type", RESULT_TYPES[type]]]);
}

type Members = readonly Member[];
type Member = readonly [
  name: string,
  value: string | number | null | { readonly objects: readonly Members[] } | { readonly fields: readonly LogField[] },
];

function frameMembers(frame: { readonly message: string; readonly position: LogPosition | null }): Members {
  const { message, position } = frame;
  return [
    ["column", position?.column ?? null],
    ["file", position?.file ?? null],
    ["line", position?.line ?? null],
    ["raw_msg", message],
  ];
}

function line(members: Members): string {
  return `@nix ${object(members)}\n`;
}

function object(members: Members): string {
  const parts = members.map(([name, value]) => {
    if (typeof value !== "object" || value === null) return `"${name}":${scalar(value)}`;
    const items = "objects" in value ? value.objects.map(object) : value.fields.map(scalar);
    return `"${name}":[${items.join(",")}]`;
  });
  return `{${parts.join(",")}}`;
}

function scalar(value: string | number | null): string {
  return typeof value === "string" ? encodeUtf8(JSON.stringify(decodeUtf8Lossy(value))) : String(value);
}
