/**
 * The list of commands: what `devix help` lists, and where each command is. Help, the manual page and shell completions
 * are all made from it and from the flags of what it loads.
 *
 * A command's file is loaded when the command is run, or when somebody wants to know everything: keep this file free of
 * other imports.
 */
import type { Command } from "./command.ts";

/** A command, or several under one name. */
export interface CommandEntry {
  readonly name: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** Whether it evaluates, and so needs the stack that V8 was promised. */
  readonly evaluates?: boolean;
  /** Whether several processes may do its work (`jobs/share.ts`). */
  readonly shares?: boolean;
  /** Loads it; absent for several under one name. */
  readonly load?: () => Promise<Command>;
  /** What goes after the name: `devix NAME SUBNAME`. */
  readonly commands?: readonly CommandEntry[];
}

/** All commands, in the order in which they are listed. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "eval",
    summary: "Evaluates Nix and prints the value, or the attributes that are asked for.",
    evaluates: true,
    shares: true,
    load: async () => (await import("./eval.ts")).EVAL,
  },
  {
    name: "instantiate",
    summary: "Evaluates Nix to derivations and brings them and their sources into the store.",
    evaluates: true,
    shares: true,
    load: async () => (await import("./instantiate.ts")).INSTANTIATE,
  },
  {
    name: "nix-instantiate",
    summary: "Does what nix-instantiate of Nix 2.34 does, with its flags and output.",
    evaluates: true,
    load: async () => (await import("./nix_instantiate.ts")).NIX_INSTANTIATE,
  },
  {
    name: "fetch",
    summary: "Fetches what a lock file, a URL or attributes describe, before it is needed.",
    load: async () => (await import("./fetch.ts")).FETCH,
  },
  {
    name: "cache",
    summary: "Tells of what was fetched before, checks it, removes it.",
    commands: [
      {
        name: "info",
        summary: "Tells where the cache is and how large.",
        load: async () => (await import("./cache.ts")).CACHE_INFO,
      },
      {
        name: "verify",
        summary: "Checks everything in the cache.",
        load: async () => (await import("./cache.ts")).CACHE_VERIFY,
      },
      {
        name: "prune",
        summary: "Removes what wasn't used for long.",
        load: async () => (await import("./cache.ts")).CACHE_PRUNE,
      },
    ],
  },
  {
    name: "nix",
    summary: "Does what devenv 1.x asks of nix: evaluation by devix, the rest by the nix that is on the PATH.",
    evaluates: true,
    load: async () => (await import("./nix.ts")).NIX,
  },
  {
    name: "nix-wrapper",
    summary: "Makes a folder for $DEVENV_NIX, whose nix is 'devix nix'.",
    load: async () => (await import("./nix_wrapper.ts")).NIX_WRAPPER,
  },
  {
    name: "serve",
    summary: "Evaluates for a program that asks on standard input, keeping values between its requests.",
    evaluates: true,
    load: async () => (await import("./serve.ts")).SERVE,
  },
  {
    name: "show-derivation",
    summary: "Prints derivations of a store as JSON.",
    load: async () => (await import("./show_derivation.ts")).SHOW_DERIVATION,
  },
  {
    name: "store",
    summary: "Looks at a store, checks it, adds to it, removes what nobody needs.",
    commands: [
      {
        name: "add",
        summary: "Adds files and trees to the store.",
        load: async () => (await import("./store_add.ts")).ADD,
      },
      {
        name: "cat",
        summary: "Prints a file in the store.",
        load: async () => (await import("./store_contents.ts")).CAT,
      },
      {
        name: "dump",
        summary: "Prints the NAR of a store path.",
        load: async () => (await import("./store_contents.ts")).DUMP,
      },
      {
        name: "gc",
        summary: "Removes the paths that no root leads to.",
        load: async () => (await import("./store_upkeep.ts")).GC,
      },
      {
        name: "ls",
        summary: "Lists the files in a path.",
        load: async () => (await import("./store_contents.ts")).LS,
      },
      {
        name: "path-info",
        summary: "Prints what is registered of store paths.",
        load: async () => (await import("./store_info.ts")).PATH_INFO,
      },
      {
        name: "query",
        summary: "Prints what store paths refer to, or what refers to them.",
        load: async () => (await import("./store_info.ts")).QUERY,
      },
      {
        name: "valid",
        summary: "Tells which store paths are not in the store.",
        load: async () => (await import("./store_info.ts")).VALID,
      },
      {
        name: "verify",
        summary: "Checks that the store is as it should be.",
        load: async () => (await import("./store_upkeep.ts")).VERIFY,
      },
    ],
  },
  {
    name: "completions",
    summary: "Prints what teaches a shell to complete devix's command lines.",
    load: async () => (await import("./completions.ts")).COMPLETIONS,
  },
  {
    name: "warm",
    summary: "Looks after the evaluator that stays in the background, for --warm and DEVIX_WARM=1.",
    commands: [
      {
        name: "status",
        summary: "Prints what the background evaluator does.",
        load: async () => (await import("./warm/commands.ts")).WARM_STATUS,
      },
      {
        name: "wait",
        summary: "Waits until the background evaluator has nothing to do.",
        load: async () => (await import("./warm/commands.ts")).WARM_WAIT,
      },
      {
        name: "stop",
        summary: "Ends the background evaluator.",
        load: async () => (await import("./warm/commands.ts")).WARM_STOP,
      },
      {
        name: "daemon",
        summary: "Is the background evaluator; started when it is needed.",
        load: async () => (await import("./warm/commands.ts")).WARM_DAEMON,
      },
    ],
  },
  {
    name: "version",
    summary: "Prints the version of devix, and of the Nix it is compatible with.",
    load: async () => (await import("./version.ts")).VERSION,
  },
  {
    name: "help",
    summary: "Prints this text, or with a command's name what there is to know about it.",
    load: async () => (await import("./help_command.ts")).HELP,
  },
];

/** A command as the command line names it. */
export interface Found {
  /** The names that lead to it, joined by spaces. */
  readonly name: string;
  readonly entry: CommandEntry;
  /** The arguments after the names. */
  readonly args: readonly string[];
}

/** Returns what the first words of a command line name, as far as they name anything. */
export function findCommand(args: readonly string[], commands: readonly CommandEntry[] = COMMANDS): Found | undefined {
  const entry = commands.find(({ name }) => name === args[0]);
  if (entry === undefined) return undefined;
  const found = { name: entry.name, entry, args: args.slice(1) };
  const below = entry.commands && findCommand(found.args, entry.commands);
  return below === undefined ? found : { ...below, name: `${entry.name} ${below.name}` };
}

/** Returns a command's sentence; "" if there is no such command. */
export function summaryOf(name: string): string {
  return findCommand(name.split(" "))?.entry.summary ?? "";
}

/** Returns all commands that can be run, with their whole names. */
export function allCommands(
  commands: readonly CommandEntry[] = COMMANDS,
): readonly (CommandEntry & Required<Pick<CommandEntry, "load">>)[] {
  return commands.flatMap((entry) => {
    const { load } = entry;
    const below = allCommands(entry.commands ?? []).map((sub) => ({ ...sub, name: `${entry.name} ${sub.name}` }));
    return load === undefined ? below : [{ ...entry, load }, ...below];
  });
}
