/**
 * A home for the processes that tests start: what devix keeps for the next run (answers, trees, bytecode, fetched trees) is
 * none of the business of whoever runs the tests, nor is what that one has kept any of the tests'.
 */

/** Returns where Deno keeps modules: `deno run` under another home would not find what is already there. */
export function denoDir(): string {
  const userCache = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
  return Deno.env.get("DENO_DIR") ?? `${userCache}/deno`;
}

/** Returns variables that name an empty home, which is removed when this program, or this file of tests, is over. */
export function ownHome(): Record<string, string> {
  const home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devix-home-" }));
  addEventListener("unload", () => Deno.removeSync(home, { recursive: true }));
  return {
    HOME: home,
    XDG_CACHE_HOME: `${home}/.cache`,
    XDG_CONFIG_HOME: `${home}/.config`,
    XDG_DATA_HOME: `${home}/.local/share`,
    XDG_STATE_HOME: `${home}/.local/state`,
    DENO_DIR: denoDir(),
  };
}
