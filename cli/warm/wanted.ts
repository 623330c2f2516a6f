/** Whether the background evaluator is wanted, or is this. Every start of devix loads this: keep it free of imports. */

/** The commands that it does. */
const COMMANDS = ["eval", "instantiate", "nix-instantiate"];

/** Whether the command line or the environment asks for the background evaluator, and it does such things. */
export function wantsWarm(): boolean {
  const [command, ...args] = Deno.args;
  if (!COMMANDS.includes(command)) return false;
  if (Deno.env.get("DEVIX_WARM") !== "1" && !args.includes("--warm")) return false;
  // What these say is about this process.
  return Deno.env.get("DEVIX_STACK_CHILD") === undefined && Deno.env.get("NIX_SHOW_STATS") === undefined &&
    !args.some((arg) => /^(?:--help|-h|--version|--no-warm|--jobs|--profile)(?:=|$)/.test(arg));
}

/** Whether this process is the background process: nothing else of devix is loaded then. */
export function isWarmDaemon(): boolean {
  return Deno.args.length === 2 && Deno.args[0] === "warm" && Deno.args[1] === "daemon";
}
