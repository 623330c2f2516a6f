/**
 * A `nix-instantiate` of this checkout that answers many requests: started by server_evaluator.ts, reads a request per
 * line of standard input (JSON: the arguments, working directory and environment), writes an answer per line.
 *
 * Each request gets a session of its own, but all share the process's table of names.
 */
import { adjustLimits } from "../../cli/stack.ts";
import { runInProcess } from "../lang/in_process_evaluator.ts";

/** A line of standard input. */
export interface Request {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

if (import.meta.main) {
  if (adjustLimits() === "child-needed") throw new Error("Cannot serve: the stack limit cannot be raised");
  let rest = "";
  for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { args, cwd, env }: Request = JSON.parse(line);
      await write(JSON.stringify(runInProcess(args, { cwd, env })) + "\n");
    }
  }
}

async function write(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}
