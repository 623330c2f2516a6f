// Writing trees the way Nix stores have them: files 444 or 555, directories 555, every time stamp one second after the
// epoch, owner whoever writes.
//
// Directories get mode and time when they are complete, since writing into them needs the one and changes the other.
// Nothing here is atomic: callers write below a temporary name and rename.

import * as fs from "node:fs";
import type { NarEvent } from "../../format/nar_reader.ts";
import { NarReader } from "../../format/nar_reader.ts";
import { fileFailed } from "../errors.ts";
import { hostNames, hostStat } from "./host_tree.ts";
import { hostPath } from "./host_path.ts";
import { openLibc } from "./libc.ts";

const EMPTY = new Uint8Array(0);

/** Writes a regular file that isn't there yet: chunks, then `end`, which makes it canonical, or `abort`. */
export class FileRestorer {
  readonly #path: string;
  readonly #mode: number;
  #file: Deno.FsFile | undefined;
  /** Contents of a file whose name Deno can't say. */
  #gathered: Uint8Array = EMPTY;

  constructor(path: string, options: { readonly executable: boolean }) {
    this.#path = path;
    this.#mode = options.executable ? 0o555 : 0o444;
    const real = hostPath(path);
    if (real === undefined) return;
    try {
      this.#file = Deno.openSync(real, { createNew: true, write: true, mode: this.#mode });
    } catch (e) {
      throw fileFailed("create", path, e);
    }
  }

  write(chunk: Uint8Array): void {
    const file = this.#file;
    if (file === undefined) {
      const joined = new Uint8Array(this.#gathered.length + chunk.length);
      joined.set(this.#gathered);
      joined.set(chunk, this.#gathered.length);
      this.#gathered = joined;
      return;
    }
    try {
      for (let at = 0; at < chunk.length;) at += file.writeSync(chunk.subarray(at));
    } catch (e) {
      throw fileFailed("write", this.#path, e);
    }
  }

  /** Leaves the file as it is. */
  abort(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  end(): void {
    const path = this.#path;
    const file = this.#file;
    if (file === undefined) {
      const libc = openLibc(path);
      libc.writeFile(path, this.#gathered, this.#mode);
      libc.chmod(path, this.#mode);
      libc.setTimes(path);
      return;
    }
    try {
      file.utimeSync(1, 1);
      file.close();
      this.#file = undefined;
      // The mode given to open passes through the umask.
      if ((umask() & 0o555) !== 0) Deno.chmodSync(hostPath(path)!, this.#mode);
    } catch (e) {
      throw fileFailed("finish", path, e);
    }
  }
}

/** The umask of the process, asked for once: asking changes it for a moment. */
let knownUmask: number | undefined;

function umask(): number {
  return knownUmask ??= Deno.umask();
}

/** Writes a canonical regular file at once. */
export function restoreFile(path: string, contents: Uint8Array): void {
  const file = new FileRestorer(path, { executable: false });
  try {
    file.write(contents);
    file.end();
  } finally {
    file.abort();
  }
}

/** Writes the tree of a NAR that comes in chunks of any size. */
export class TreeRestorer {
  readonly #reader = new NarReader();
  readonly #directories: string[] = [];
  #path: string;
  #file: FileRestorer | undefined;
  #left = 0;

  /** The tree is written at `path`, where nothing may be. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Takes more of the NAR. @throws {NarError|StoreError} */
  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
    this.#drain();
  }

  /** Says that the NAR is complete. @throws {NarError} if it isn't */
  end(): void {
    this.#reader.end();
    this.#drain();
  }

  /** Leaves the tree as it is. */
  abort(): void {
    this.#file?.abort();
  }

  #drain(): void {
    for (let event = this.#reader.next(); event !== undefined; event = this.#reader.next()) this.#handle(event);
  }

  #handle(event: NarEvent): void {
    switch (event.type) {
      case "directory":
        makeDir(this.#path);
        this.#directories.push(this.#path);
        break;
      case "entry":
        this.#path = `${this.#directories.at(-1)}/${event.name}`;
        break;
      case "end":
        canonicaliseDir(this.#directories.pop()!);
        break;
      case "symlink":
        makeLink(this.#path, event.target);
        break;
      case "regular":
        this.#file = new FileRestorer(this.#path, event);
        this.#left = event.size;
        if (event.size === 0) this.#file.end();
        break;
      case "contents":
        this.#file!.write(event.chunk);
        this.#left -= event.chunk.length;
        if (this.#left === 0) this.#file!.end();
    }
  }
}

function makeDir(path: string): void {
  const real = hostPath(path);
  if (real === undefined) return openLibc(path).makeDir(path);
  try {
    Deno.mkdirSync(real, { mode: 0o755 });
  } catch (e) {
    throw fileFailed("create directory", path, e);
  }
}

function canonicaliseDir(path: string): void {
  const real = hostPath(path);
  if (real === undefined) {
    openLibc(path).chmod(path, 0o555);
    openLibc(path).setTimes(path);
    return;
  }
  try {
    Deno.chmodSync(real, 0o555);
    Deno.utimeSync(real, 1, 1);
  } catch (e) {
    throw fileFailed("finish", path, e);
  }
}

function makeLink(path: string, target: string): void {
  const real = hostPath(path);
  const realTarget = hostPath(target);
  if (real === undefined || realTarget === undefined) {
    const libc = openLibc(path);
    libc.makeLink(path, target);
    libc.setTimes(path);
    return;
  }
  try {
    Deno.symlinkSync(realTarget, real);
    fs.lutimesSync(real, 1, 1);
  } catch (e) {
    throw fileFailed("create symlink", path, e);
  }
}

/** Removes what is at a path, if anything, with all below it; returns how many bytes its files had. */
export function removeTree(path: string): number {
  const stat = hostStat(path);
  if (stat === undefined) return 0;
  const real = hostPath(path);
  let bytes = stat.type === "regular" ? stat.size : 0;
  try {
    if (stat.type === "directory") {
      // Canonical directories can't be written to.
      if (real === undefined) openLibc(path).chmod(path, 0o700);
      else Deno.chmodSync(real, 0o700);
      for (const name of hostNames(path)) bytes += removeTree(`${path}/${name}`);
    }
    if (real !== undefined) Deno.removeSync(real);
    else if (stat.type === "directory") openLibc(path).removeDir(path);
    else openLibc(path).unlink(path);
  } catch (e) {
    // Somebody else may have removed it meanwhile.
    if (hostStat(path) !== undefined) throw fileFailed("remove", path, e);
  }
  return bytes;
}
