/**
 * The manual page, devix(1), in man(7) macros: made from the commands and flags there are, so that it says what `--help`
 * says. Groups of flags that several commands take are described once.
 */
import { describeCommands, type Described } from "./described.ts";
import type { Flag } from "./flags.ts";
import { BEFORE_COMMANDS } from "./help.ts";
import type { Process } from "./process.ts";
import { DEVIX_VERSION } from "./version.ts";

/** Exit codes and what they mean. */
const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "Fine."],
  ["1", "The Nix program has an error."],
  ["2", "The command line or a configuration file is wrong."],
  ["3", "Something could not be fetched, or was not what it should be."],
  ["4", "The store failed."],
  ["5", "Something that devix doesn't support was needed; C++ Nix may have it."],
  ["130", "Interrupted."],
];

const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ["NIX_CONFIG", "Settings, as in nix.conf; they win over those of files."],
  ["NIX_CONF_DIR", "Where nix.conf is, instead of /etc/nix."],
  [
    "NIX_USER_CONF_FILES",
    "More configuration files, instead of $XDG_CONFIG_HOME/nix/nix.conf and those of XDG_CONFIG_DIRS.",
  ],
  ["NIX_CONFIG_HOME", "Where the user's nix.conf is, instead of $XDG_CONFIG_HOME/nix."],
  ["NIX_ABORT_ON_WARN", "1: like the setting abort-on-warn."],
  ["NIX_PATH", "Where <...> is looked for."],
  ["NIX_REMOTE", "The store, as for Nix, where no flag names one."],
  ["NIX_DAEMON_SOCKET_PATH", "The socket of the Nix daemon."],
  [
    "NIX_STORE_DIR, NIX_STATE_DIR",
    "Where the store and its state are, instead of /nix/store and /nix/var/nix. NIX_STORE is NIX_STORE_DIR, too.",
  ],
  ["NIX_SSL_CERT_FILE, SSL_CERT_FILE", "Certificates of authorities, besides the usual ones; the first wins."],
  [
    "http_proxy, https_proxy, all_proxy, no_proxy",
    "Proxies, as curl reads these; in upper case too, but for HTTP_PROXY.",
  ],
  ["HOME", "Where ~ is, unless it is somebody else's: then, or if it isn't set, the home that /etc/passwd says."],
  ["XDG_CACHE_HOME", "Where the cache is, in a directory devix; ~/.cache unless set."],
  [
    "XDG_DATA_HOME",
    "Where the store is that is made where there is no Nix, in directories nix/root; ~/.local/share unless set.",
  ],
  [
    "NIX_STATE_HOME, XDG_STATE_HOME",
    "Where channels are, with use-xdg-base-directories: in $NIX_STATE_HOME or $XDG_STATE_HOME/nix.",
  ],
  [
    "DEVIX_CODE_CACHE",
    "0: V8's bytecode of devix itself is neither read from the cache nor kept there; 1: it is for bundles, too.",
  ],
  ["DEVIX_WARM", "1: like --warm with every command that takes it."],
  [
    "DEVIX_WARM_IDLE, DEVIX_WARM_MEMORY",
    "After how many seconds the background evaluator ends, and how many MiB it may use; read when it starts.",
  ],
  [
    "DEVIX_WARM_AFTER",
    "How many milliseconds an evaluator must have worked to be asked what it hasn't been asked before; read then, too.",
  ],
  ["XDG_RUNTIME_DIR", "Where the background evaluator's socket is, in a directory devix; /tmp/devix-UID unless set."],
  ["NO_COLOR, NOCOLOR", "Set, the log has no colours; nor has it any where TERM is dumb or isn't set."],
  ["IN_SYSTEMD", "1: lines of the log begin with their priority, for the journal."],
  [
    "NIX_SHOW_STATS, NIX_SHOW_STATS_PATH, NIX_COUNT_CALLS",
    "Other than 0: says what evaluation came to, as Nix does, on standard error or in a file; and which functions were " +
    "called how often.",
  ],
  ["DEVIX_DEBUG", "1: a mistake of devix's own is shown with where in devix it happened."],
];

/** Returns the text of the page. */
export async function manualPage(process: Process): Promise<string> {
  const commands = await describeCommands(process);
  const shared = sharedGroups(commands);
  return [
    `.TH DEVIX 1 "" "devix ${escape(DEVIX_VERSION)}" "User Commands"\n`,
    ".SH NAME\ndevix \\- evaluate Nix: expressions, package sets, the derivations they come to\n",
    ".SH SYNOPSIS\n.B devix\n.I COMMAND\n.RI [ FLAGS ]\n.RI [ ARGUMENTS ]\n",
    ".SH DESCRIPTION\n" + paragraphs(
      "devix evaluates the Nix language as Nix 2.34 does and brings derivations and their sources into the store.\n" +
        "Settings come from nix.conf, NIX_CONFIG and the environment, as for Nix. Every setting is a flag too:\n" +
        "--cores 2, --no-eval-cache, --extra-experimental-features pipe-operators.\n\n" +
        BEFORE_COMMANDS,
    ),
    ".SH COMMANDS\n" + commands.map((command) => commandSection(command, shared)).join(""),
    ".SH FLAGS OF SEVERAL COMMANDS\n" + [...shared.values()].map(flagGroup).join("").replace(".PP\n", ""),
    ".SH EXIT STATUS\nnix-instantiate has that of the command it stands for; all others:\n" +
    EXIT_CODES.map(tagged).join(""),
    ".SH ENVIRONMENT\n" + ENVIRONMENT.map(tagged).join(""),
    ".SH SEE ALSO\n.BR nix.conf (5),\n.BR nix\\-instantiate (1)\n",
  ].join("");
}

interface FlagGroup {
  readonly title: string;
  readonly flags: readonly Flag[];
}

/** The groups that more than one command has, by {@link groupKey}. */
function sharedGroups(commands: readonly Described[]): ReadonlyMap<string, FlagGroup> {
  const once = new Set<string>();
  const shared = new Map<string, FlagGroup>();
  for (const group of commands.flatMap(groupsOf)) {
    const key = groupKey(group);
    if (once.has(key)) shared.set(key, group);
    once.add(key);
  }
  return shared;
}

function groupsOf({ flags }: Described): FlagGroup[] {
  const titles = [...new Set(flags.map(({ group }) => group))];
  return titles.map((title) => ({ title, flags: flags.filter(({ group }) => group === title) }));
}

function groupKey({ title, flags }: FlagGroup): string {
  return [title, ...flags.map(flagTag)].join("\n");
}

function commandSection(command: Described, shared: ReadonlyMap<string, FlagGroup>): string {
  const { name, usage, summary, details } = command;
  const groups = groupsOf(command);
  const also = groups.filter((group) => shared.has(groupKey(group))).map(({ title }) => title);
  const own = groups.filter((group) => !shared.has(groupKey(group)));
  const uses = usage.split("\n").map((line) => `.SS devix ${escape(`${name} ${line}`)}\n`);
  return [
    uses.join(""),
    paragraphs([summary, details].filter((text) => text !== "").join("\n\n")),
    ...own.map(flagGroup),
    also.length === 0 ? "" : ".PP\n" + text(`It takes these flags of several commands too: ${also.join(", ")}.`),
  ].join("");
}

function flagGroup({ title, flags }: FlagGroup): string {
  const items = flags.map((flag) => `.TP\n${flagTag(flag)}\n${text(flag.help)}`);
  return `.PP\n${escape(title)}:\n${items.join("")}`;
}

function flagTag({ name, short, values = [] }: Flag): string {
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map((word) => `\\fB${escape(word)}\\fR`);
  return [names.join(", "), ...values.map((value) => `\\fI${escape(value)}\\fR`)].join(" ");
}

function tagged([name, meaning]: readonly [string, string]): string {
  return `.TP\n\\fB${escape(name)}\\fR\n${text(meaning)}`;
}

/** Paragraphs, and examples as they are: what is indented. */
function paragraphs(source: string): string {
  return source.split(/\n\n+/).map((part) => {
    if (!part.startsWith("  ")) return text(part);
    return `.RS 4\n.EX\n${lines(part.replace(/^ {2}/gm, ""))}.EE\n.RE\n`;
  }).join(".PP\n");
}

/** Text of any length, on lines as long as such files have them. */
function text(source: string): string {
  return lines(source.replace(/(.{1,72})(?:\s+|$)/g, "$1\n"));
}

/** Whole lines. A dot or a quote at their beginning would be a request. */
function lines(source: string): string {
  return source.trimEnd().split("\n").map((line) => `${escape(line).replace(/^[.']/, "\\&$&")}\n`).join("");
}

function escape(source: string): string {
  const plain = source.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  return plain.replace(
    /[^\n -~]/gu,
    (char) => `\\[u${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
  );
}
