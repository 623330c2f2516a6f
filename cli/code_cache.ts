/**
 * V8's bytecode of the functions that runs of a binary have used, kept between runs: without it a fifth of a small evaluation
 * is V8 parsing and compiling. Deno's own code cache of a binary is closed before an evaluator is loaded.
 *
 * One file for each program, as `place()` names it, with what is needed to judge it before V8 sees it. V8 checks that its
 * version, its flags and the program's length fit, and nothing else in a release build: bytes that are wrong crash it or
 * do what whoever wrote them wants. So a file is taken only if nobody else can write to it (`program.ts` has seen to the
 * folder), and if its sum is right.
 *
 * It is a cache and nothing more: what can't be read or written is left out.
 */

import { wordSum } from "../lib/format/word_sum.ts";

/** Bytecode, and what the runs had done that it was made after. */
export interface Code {
  /** What tells programs apart; there may be others with a file of the same name. */
  readonly program: string;
  /** The commands that were run. */
  readonly commands: readonly string[];
  /** Whether one of the runs was a long one; see `isLong()`. */
  readonly long: boolean;
  /** When the first of the runs ended: milliseconds since 1970. */
  readonly since: number;
  /** V8's bytes. */
  readonly bytecode: Uint8Array;
}

/** Code from a file, and when that was written: milliseconds since 1970. */
export interface KeptCode extends Code {
  readonly written: number;
}

/** Files that are left in the folder: versions of devix, of Deno, the evaluators of --warm, whose flags are others. */
const MOST_FILES = 6;
const CODE_NAME = /^[0-9a-f]{32}$/;
const ASIDE_NAME = /^[0-9a-f]{32}\.\d+$/;
/** How old what was left behind by a kill has to be. */
const ABANDONED_MS = 60_000;
/** Runs that take longer have done most of what runs do. In milliseconds. */
const LONG_MS = 150;
/** At most so often, and at least, is a file written anew because runs may have used other functions. In milliseconds. */
const RENEWED_MS = [2000, 3_600_000] as const;

/** The first word: whose file this is, and the layout of the rest. */
const MAGIC = 0x31637664;
/** In words: magic, the sum's four, bytes of the description, bytes of the bytecode, nothing. */
const HEADER_WORDS = 8;
/** What the sum is of begins here. */
const SUMMED = 5;
/** In bytes: V8 copies what doesn't begin at a multiple of eight. */
const ALIGNMENT = 16;

/** Returns the path of a program's file in a folder. */
export function place(folder: string, program: string): string {
  const words = new Int32Array(aligned(2 * program.length) / 4);
  for (let i = 0; i < program.length; i++) words[i >> 1] ^= program.charCodeAt(i) << (16 * (i & 1));
  let name = "";
  for (const word of new Uint32Array(wordSum(words).buffer)) name += word.toString(16).padStart(8, "0");
  return `${folder}/${name}`;
}

/** Returns what is in a program's file; undefined if there is nothing that may be used. */
export function readCode(path: string, program: string): KeptCode | undefined {
  try {
    const stat = Deno.lstatSync(path);
    if (!stat.isFile || stat.uid !== Deno.uid() || ((stat.mode ?? 0o022) & 0o022) !== 0) return undefined;
    const code = unpack(readBytes(path, stat.size));
    return code?.program === program ? { ...code, written: stat.mtime?.getTime() ?? 0 } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a file of known size, which takes half the time of `Deno.readFileSync`. */
function readBytes(path: string, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  const file = Deno.openSync(path);
  try {
    for (let at = 0; at < size;) at += file.readSync(bytes.subarray(at)) ?? fail(path);
  } finally {
    file.close();
  }
  return bytes;
}

function fail(path: string): never {
  throw new Error(`Cannot read "${path}": it has become shorter`);
}

/** Writes a program's file, if that can be done; the folder is there. */
export function writeCode(path: string, code: Code): void {
  const aside = `${path}.${Deno.pid}`;
  try {
    Deno.writeFileSync(aside, pack(code), { createNew: true, mode: 0o600 });
    Deno.renameSync(aside, path);
    prune(path.slice(0, path.lastIndexOf("/")));
  } catch {
    remove(aside);
  }
}

/** What a run did. */
export interface Run {
  readonly command: string;
  readonly long: boolean;
  /** When it ended: milliseconds since 1970. */
  readonly ended: number;
}

/**
 * Whether code is to be kept after a run, given what was known before it: that takes 10 to 20 ms. Nobody says which functions
 * a run has compiled. So it is done when a command is new, after the first long run, and after later ones more and more
 * seldom, as there is less and less that is new.
 */
export function isNews(run: Run, kept: KeptCode | undefined): boolean {
  if (kept === undefined || run.long && !kept.long) return true;
  if (!kept.commands.includes(run.command)) return true;
  const [least, most] = RENEWED_MS;
  return run.long && Math.abs(run.ended - kept.written) > Math.min(most, Math.max(least, kept.written - kept.since));
}

/** Whether a run is a long one. */
export function isLong(milliseconds: number): boolean {
  return milliseconds > LONG_MS;
}

/** Returns the bytes of a file. */
export function pack({ bytecode, ...rest }: Code): Uint8Array<ArrayBuffer> {
  const description = new TextEncoder().encode(JSON.stringify(rest));
  const start = 4 * HEADER_WORDS + aligned(description.length);
  const bytes = new Uint8Array(start + aligned(bytecode.length));
  bytes.set(description, 4 * HEADER_WORDS);
  bytes.set(bytecode, start);
  const words = new Int32Array(bytes.buffer);
  words[0] = MAGIC;
  words[5] = description.length;
  words[6] = bytecode.length;
  words.set(wordSum(words.subarray(SUMMED)), 1);
  return bytes;
}

/** Returns what `pack()` was given; undefined if it never was. */
export function unpack(bytes: Uint8Array<ArrayBuffer>): Code | undefined {
  if (bytes.length < 4 * HEADER_WORDS || bytes.length % ALIGNMENT !== 0) return undefined;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const [magic, , , , , described, length] = words;
  const start = 4 * HEADER_WORDS + aligned(described);
  if (magic !== MAGIC || bytes.length !== start + aligned(length)) return undefined;
  // Words are signed: V8 has no small integers for larger ones, and makes an object of each where code is cold.
  const sum = wordSum(words.subarray(SUMMED));
  for (let i = 0; i < sum.length; i++) if (sum[i] !== words[1 + i]) return undefined;
  const description = new TextDecoder().decode(bytes.subarray(4 * HEADER_WORDS, 4 * HEADER_WORDS + described));
  return { ...JSON.parse(description), bytecode: bytes.subarray(start, start + length) };
}

/** Keeps the files that were written last. What somebody else may be writing is left alone. */
function prune(folder: string): void {
  const dated: { readonly path: string; readonly time: number }[] = [];
  for (const { name } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const time = Deno.lstatSync(path).mtime?.getTime() ?? 0;
    if (CODE_NAME.test(name)) dated.push({ path, time });
    else if (ASIDE_NAME.test(name) && Date.now() - time > ABANDONED_MS) remove(path);
  }
  dated.sort((a, b) => b.time - a.time);
  for (const { path } of dated.slice(MOST_FILES)) remove(path);
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Somebody else did it, or it was never there.
  }
}

/** Rounds bytes up. */
function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
