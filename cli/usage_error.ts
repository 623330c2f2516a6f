/** The command line or a configuration file is wrong: told apart from errors of the Nix program. */

/** Says what is wrong with how devix was called. The message is a binary string and may hold escape codes. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
