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
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
}

function toBinary(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
