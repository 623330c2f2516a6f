/** `devix store verify` and `devix store gc`. */
import { plural } from "./amounts.ts";
import { OUTPUT, storeCommand } from "./store_command.ts";

/** Exit code of a store that isn't as it should be. */
const BROKEN = 4;

/** The command `verify`. */
export const VERIFY = storeCommand({
  name: "store verify",
  usage: "[FLAGS]",
  details: "Prints what is wrong with the store, nothing if all is well; fails with 4 if anything is.",
}, () => {
  let contents = false;
  return {
    flags: [{
      name: "check-contents",
      help: "Read everything and compare hashes too.",
      group: OUTPUT,
      run: () => void (contents = true),
    }],
    arguments: { min: 0, max: 0 },
    async run({ target, line }) {
      return await target.verify({ contents, onProblem: line }) ? 0 : BROKEN;
    },
  };
});

/** The command `gc`. */
export const GC = storeCommand({
  name: "store gc",
  usage: "[--dry-run]",
  details: "Removes all paths that no root leads to, and prints them.",
}, () => {
  let dryRun = false;
  return {
    flags: [{
      name: "dry-run",
      help: "Remove nothing, only print what would be removed.",
      group: OUTPUT,
      run: () => void (dryRun = true),
    }],
    arguments: { min: 0, max: 0 },
    async run({ target, line, setup }) {
      const { paths, bytes } = await target.collectGarbage({ dryRun });
      paths.forEach((path) => line(path));
      const what = plural(paths.length, "store path");
      const mebibytes = (bytes / 2 ** 20).toFixed(1);
      setup.logger.message(3, dryRun ? `${what} would be removed` : `${what} removed, ${mebibytes} MiB freed`);
      return 0;
    },
  };
});
