/**
 * Path literals: what they stand for, and what there is to say against them.
 *
 * Nothing here looks at the file system: a path is made absolute and canonical by its text alone.
 */
import { hint, ParseError, settingInParentheses } from "./errors.ts";
import type { Lint, ParseOptions } from "./parse_options.ts";
import type { Pos } from "./positions.ts";

/**
 * Warns of a discouraged form.
 *
 * @throws {ParseError} when the setting says so.
 */
export function diagnose(options: ParseOptions, level: Lint, message: string, pos: Pos): void {
  if (level === "fatal") throw new ParseError(message, pos);
  if (level === "warn") options.warn(message, pos);
}

/** The path literals of one text. */
export class PathLiterals {
  readonly #options: ParseOptions;
  /** By number of steps up from the base path, each with a slash at its end. */
  readonly #baseDirs: string[] = [];

  constructor(options: ParseOptions) {
    this.#options = options;
  }

  /**
   * Returns the path that `/…` or a relative literal stands for. A slash at the end stays: more will follow.
   *
   * @throws {ParseError} when a lint is fatal.
   */
  path(literal: string, pos: Pos): string {
    const { lint } = this.#options;
    let path: string;
    if (literal.charCodeAt(0) === 47) {
      if (lint.absolutePathLiterals !== "ignore") {
        diagnose(this.#options, lint.absolutePathLiterals, notPortable("absolute", literal), pos);
      }
      path = canonicalPath(literal);
    } else {
      if (lint.shortPathLiterals !== "ignore" && literal.charCodeAt(0) !== 46) {
        const message =
          hint`relative path literal '${literal}' should be prefixed with '.' for clarity: './${literal}' ` +
          settingInParentheses("lint-short-path-literals");
        diagnose(this.#options, lint.shortPathLiterals, message, pos);
      }
      path = this.#relative(literal);
    }
    return literal.length > 1 && literal.endsWith("/") ? path + "/" : path;
  }

  /**
   * Returns the path that `~/…` stands for; it is not made canonical.
   *
   * @throws {ParseError} in pure evaluation, or when a lint is fatal.
   */
  home(literal: string, pos: Pos): string {
    const { pureEval, lint, homeDir } = this.#options;
    if (pureEval) throw new ParseError(hint`the path '${literal}' can not be resolved in pure mode`);
    if (lint.absolutePathLiterals !== "ignore") {
      diagnose(this.#options, lint.absolutePathLiterals, notPortable("home", literal), pos);
    }
    return homeDir() + literal.substring(1);
  }

  /** Most paths only climb and then descend; those need no canonicalising. */
  #relative(literal: string): string {
    let up = 0;
    let from = 0;
    for (;;) {
      if (literal.startsWith("./", from)) from += 2;
      else if (literal.startsWith("../", from)) {
        from += 3;
        up++;
      } else break;
    }
    // A dot behind a slash, or something else than a letter or digit at the end, might be `.` or `..`.
    if (literal.indexOf("/.", from - 1) >= 0 || literal.charCodeAt(literal.length - 1) <= 47) {
      return canonicalPath(`${this.#options.basePath}/${literal}`);
    }
    return this.#baseDir(up) + literal.substring(from);
  }

  #baseDir(up: number): string {
    let dir = this.#baseDirs[up];
    if (dir === undefined) {
      dir = canonicalPath(this.#options.basePath + "/..".repeat(up));
      if (dir !== "/") dir += "/";
      this.#baseDirs[up] = dir;
    }
    return dir;
  }
}

function notPortable(kind: string, literal: string): string {
  return `${kind} path literals are not portable. ` +
    hint`Consider replacing path literal '${literal}' by a string, relative path, or parameter ` +
    settingInParentheses("lint-absolute-path-literals");
}

/** Returns an absolute path without `.`, `..`, repeated and trailing slashes; no link is followed. */
function canonicalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return "/" + parts.join("/");
}
