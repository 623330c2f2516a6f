/**
 * The environment and the current directory as they are: Deno refuses what isn't UTF-8. Every start of devix loads this: keep
 * it free of imports.
 */

/** Returns a variable as Deno has it; undefined if it is unset, or isn't UTF-8. */
export function variable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}

/** Returns a variable as a binary string; undefined if it is unset. `name` is binary too. */
export function binaryVariable(name: string): string | undefined {
  if (name === "" || name.includes("=") || name.includes("\0")) return undefined;
  try {
    const value = Deno.env.get(fromBinary(name));
    return value === undefined ? undefined : toBinary(new TextEncoder().encode(value));
  } catch {
    const prefix = `${name}=`;
    return initialEnvironment().find((entry) => entry.startsWith(prefix))?.slice(prefix.length);
  }
}

/** Where the user is at home. */
export interface Home {
  /** Undefined if nothing says where. */
  readonly path: string | undefined;
  /** What C++ Nix warns of, if it isn't what HOME says. */
  readonly warning?: string;
}

/** What is asked about a home directory. Names are such as its variables are. */
export interface HomeHost {
  env(name: string): string | undefined;
  /** Returns who owns what is at a path; undefined if nothing is there. @throws if that can't be known */
  owner(path: string): number | null | undefined;
  /** Who this process is. */
  uid(): number | null;
  /** Returns the text of the user database. @throws if there is none */
  users(): string;
}

/** Asks the host, with variables as Deno has them. */
export const TEXT_HOME_HOST: HomeHost = {
  env: variable,
  owner: (path) => {
    try {
      return Deno.statSync(path).uid;
    } catch (e) {
      if (e instanceof Deno.errors.NotFound) return undefined;
      throw e;
    }
  },
  uid: () => Deno.uid(),
  users: () => Deno.readTextFileSync("/etc/passwd"),
};

/** The same with variables that are binary strings. */
export function binaryHomeHost(env: HomeHost["env"]): HomeHost {
  return {
    ...TEXT_HOME_HOST,
    env,
    owner: (path) => TEXT_HOME_HOST.owner(fromBinary(path)),
    users: () => toBinary(Deno.readFileSync("/etc/passwd")),
  };
}

/**
 * Returns the user's home directory as C++ Nix has it: HOME, unless that is unset or somebody else's (`sudo` often leaves it
 * as it was, and files of root's would be left there), then that of the user database. Where this doesn't know the user,
 * as in containers with made-up numbers, C++ Nix gives up, and devix takes what HOME says.
 */
export function homeOf(host: HomeHost): Home {
  const given = host.env("HOME");
  let warning = "";
  if (given !== undefined) {
    try {
      const owner = host.owner(given);
      if (owner === undefined || owner === host.uid()) return { path: given };
      warning = `$HOME ('${given}') is not owned by you`;
    } catch {
      warning = `couldn't stat $HOME ('${given}') for reason other than not existing`;
    }
  }
  const path = homeInDatabase(host);
  if (path === undefined || given === undefined || path === given) return { path: path ?? given };
  return { path, warning: `${warning}, falling back to the one defined in the 'passwd' file ('${path}')` };
}

function homeInDatabase(host: HomeHost): string | undefined {
  try {
    const uid = String(host.uid());
    const users = host.users().split("\n").map((line) => line.split(":"));
    return users.find((fields) => fields[2] === uid)?.[5];
  } catch {
    return undefined;
  }
}

/** Returns the directory relative paths start from; undefined if its name isn't UTF-8. @throws if it is gone */
export function currentDirectory(): string | undefined {
  try {
    return Deno.cwd();
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) throw new Error("cannot get cwd: No such file or directory", { cause: e });
    return undefined;
  }
}

/** Whether a variable of this process isn't UTF-8, as far as that can be known. */
export function hasOddVariable(): boolean {
  return initialEnvironment().some((entry) => toBinary(new TextEncoder().encode(fromBinary(entry))) !== entry);
}

/** What the process was started with is all that there is to be had in bytes; nothing where there is no /proc. */
function initialEnvironment(): string[] {
  try {
    return toBinary(Deno.readFileSync("/proc/self/environ")).split("\0");
  } catch {
    return [];
  }
}

function fromBinary(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
}

function toBinary(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
