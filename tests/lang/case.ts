/**
 * The golden corpus on disk: which cases there are and how each is to be run.
 *
 * A case is `testdata/lang/<subject>/<behaviour>.nix`; its expectation stands beside it, `.exp` (standard output) or
 * `.err` (see outcome.ts), and with the directive `stderr` also `.stderr`. Folders that start with `_` hold files the
 * cases read. Comment lines at the top of a case that start with `# test:` are directives, one each:
 *
 *     # test: json | xml | raw | parse     another output than the plain one
 *     # test: no-strict                    leave out --strict
 *     # test: no-location                  leave out the positions of --xml
 *     # test: pure                         --option pure-eval true
 *     # test: option KEY VALUE             any other setting
 *     # test: env KEY=VALUE                an environment variable
 *     # test: arg NAME EXPR | argstr NAME VALUE | attr PATH | include ENTRY
 *     # test: stdin                        the source arrives on standard input, not as a file
 *     # test: stderr                       standard error has to be the same as well, byte for byte
 *
 * The trap: a case is one run of a program, so directives are command line flags and nothing more; what an in-process
 * evaluator cannot do (stdin, args) it may hand to a process.
 */
import { binaryFromBytes, bytesFromBinary } from "./bytes.ts";

/** What is printed: the value, JSON, XML, the bare string, or the syntax tree. */
export type OutputMode = "plain" | "json" | "xml" | "raw" | "parse";

/** How a case is run, read from its directives. */
export interface Directives {
  readonly output: OutputMode;
  readonly strict: boolean;
  /** Whether XML output carries positions. */
  readonly location: boolean;
  readonly stdin: boolean;
  readonly compareStderr: boolean;
  /** Settings in order, `--option key value`. */
  readonly options: readonly (readonly [key: string, value: string])[];
  readonly env: Readonly<Record<string, string>>;
  /** `--arg`, `--argstr`, `-A` and `-I` with their values, in order. */
  readonly args: readonly string[];
}

/** One case of the corpus. */
export interface LangCase {
  /** Path below the corpus without `.nix`, e.g. `builtins/add/ints`. */
  readonly name: string;
  /** Path of the source below the corpus; also what is passed to the program. */
  readonly file: string;
  readonly directives: Directives;
}

const DIRECTIVE = /^# test:[ \t]*(\S+)[ \t]*(.*?)[ \t\r]*$/;

/**
 * Returns the directives at the top of a source (binary string). The first line that is no directive ends them.
 *
 * @throws {SyntaxError} on an unknown or malformed directive
 */
export function parseDirectives(source: string): Directives {
  let output: OutputMode = "plain";
  let strict = true, location = true, stdin = false, compareStderr = false;
  const options: [string, string][] = [];
  const env: Record<string, string> = {};
  const args: string[] = [];
  for (const line of source.split("\n")) {
    const match = DIRECTIVE.exec(line);
    if (!match) break;
    const [, word, rest] = match;
    const two = /^(\S+) (.*)$/.exec(rest);
    const malformed = () => new SyntaxError(`Cannot parse directive "${word}": wanted other words than "${rest}"`);
    switch (word) {
      case "json":
      case "xml":
      case "raw":
      case "parse":
        output = word;
        break;
      case "no-strict":
        strict = false;
        break;
      case "no-location":
        location = false;
        break;
      case "stdin":
        stdin = true;
        break;
      case "stderr":
        compareStderr = true;
        break;
      case "pure":
        options.push(["pure-eval", "true"]);
        break;
      case "option":
        if (!two) throw malformed();
        options.push([two[1], two[2]]);
        break;
      case "env": {
        const eq = rest.indexOf("=");
        if (eq <= 0) throw malformed();
        env[rest.slice(0, eq)] = rest.slice(eq + 1);
        break;
      }
      case "arg":
      case "argstr":
        if (!two) throw malformed();
        args.push(`--${word}`, two[1], two[2]);
        break;
      case "attr":
      case "include":
        if (rest === "") throw malformed();
        args.push(word === "attr" ? "-A" : "-I", rest);
        break;
      default:
        throw new SyntaxError(`Cannot parse directive "${word}": there is no such directive`);
    }
  }
  return { output, strict, location, stdin, compareStderr, options, env, args };
}

/** Returns the arguments of `nix-instantiate` for a case, with `--show-trace`, which the error kinds are read from. */
export function commandArguments(lang: LangCase): string[] {
  const { output, strict, location, stdin, options, args } = lang.directives;
  const flags = [output === "parse" ? "--parse" : "--eval"];
  if (strict && output !== "parse") flags.push("--strict");
  if (output === "json" || output === "xml" || output === "raw") flags.push(`--${output}`);
  if (!location) flags.push("--no-location");
  for (const [key, value] of options) flags.push("--option", key, value);
  flags.push("--show-trace", ...args, stdin ? "-" : lang.file);
  return flags;
}

/**
 * Returns all cases below a corpus folder, sorted by name.
 *
 * @throws {SyntaxError} when a directive is malformed, with the case named
 */
export async function discoverCases(corpus: string): Promise<LangCase[]> {
  const cases: LangCase[] = [];
  const walk = async (below: string): Promise<void> => {
    for await (const entry of Deno.readDir(`${corpus}/${below}`)) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory && !entry.name.startsWith("_")) await walk(path);
      else if (entry.isFile && entry.name.endsWith(".nix")) cases.push(await readCase(corpus, path));
    }
  };
  await walk("");
  return cases.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readCase(corpus: string, file: string): Promise<LangCase> {
  const source = binaryFromBytes(await Deno.readFile(`${corpus}/${file}`));
  try {
    return { name: file.slice(0, -".nix".length), file, directives: parseDirectives(source) };
  } catch (cause) {
    throw new SyntaxError(`Cannot read case "${file}": ${(cause as Error).message}`, { cause });
  }
}

/** What a case has to give; null where no file says so. All are binary strings. */
export interface ExpectationFiles {
  readonly exp: string | null;
  readonly err: string | null;
  readonly stderr: string | null;
}

const EXTENSIONS = ["exp", "err", "stderr"] as const;

/** Reads the expectation files of a case. */
export async function readExpectation(corpus: string, lang: LangCase): Promise<ExpectationFiles> {
  const read = async (extension: string) => {
    try {
      return binaryFromBytes(await Deno.readFile(`${corpus}/${lang.name}.${extension}`));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  };
  const [exp, err, stderr] = await Promise.all(EXTENSIONS.map(read));
  return { exp, err, stderr };
}

/** Writes the expectation files of a case and removes those that are null. Returns whether anything changed. */
export async function writeExpectation(corpus: string, lang: LangCase, files: ExpectationFiles): Promise<boolean> {
  const before = await readExpectation(corpus, lang);
  let changed = false;
  for (const extension of EXTENSIONS) {
    if (before[extension] === files[extension]) continue;
    changed = true;
    const path = `${corpus}/${lang.name}.${extension}`;
    const content = files[extension];
    if (content === null) await Deno.remove(path);
    else await Deno.writeFile(path, bytesFromBinary(content));
  }
  return changed;
}
