/**
 * `devix --profile FILE COMMAND …`: where the time of a command goes. FILE is for Chrome's DevTools (Performance, "Load
 * profile"), speedscope and the like. It shows devix's own functions, not those of the Nix program.
 */
import { Inspector } from "./inspector.ts";

const INTERVAL_US = 200;

/** Runs something under V8's sampling profiler and returns what it returns; `write` gets the profile, also if it throws. */
export async function profiled<T>(run: () => T | Promise<T>, write: (profile: string) => void): Promise<T> {
  const inspector = new Inspector();
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await inspector.send("Profiler.start");
  try {
    return await run();
  } finally {
    const { profile } = await inspector.send<{ readonly profile: unknown }>("Profiler.stop");
    write(JSON.stringify(profile));
  }
}
