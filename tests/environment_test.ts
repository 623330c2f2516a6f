// What a result depends on of the environment: exactly the variables that are recorded. A world that counts who asks for
// what stands below everything; an answer kept with the record (lib/result_cache.ts) says whether it is enough, and
// evaluating again with one variable changed whether it is too much.
import { assertEquals } from "@std/assert";
import { loadPosixCalls } from "../lib/io/_posix_calls.ts";
import { HostIO } from "../lib/io/host.ts";
import { EvalInputs } from "../lib/io/inputs.ts";
import { RecordingIO } from "../lib/io/recording.ts";
import { ResultCache } from "../lib/result_cache.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { parseAttrPath, selectAttrPath } from "../lib/runtime/attr_path.ts";
import { EMPTY_ATTRS } from "../lib/runtime/attrs.ts";
import { DEFAULT_SETTINGS } from "../lib/runtime/settings.ts";
import { toJson } from "../lib/runtime/to_json.ts";
import { Session } from "../session.ts";
import { LIVE, Project } from "./devenv/scenario.ts";

// Loaded here, or else the first test to read a file would be blamed for not unloading it.
loadPosixCalls();

/** The host's files with an environment of its own; counts how often each variable is asked for. */
class CountingIO extends HostIO {
  readonly asked = new Map<string, number>();
  readonly #env: ReadonlyMap<string, string>;

  constructor(env: ReadonlyMap<string, string>) {
    super();
    this.#env = env;
  }

  override getEnv(name: string): string {
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
    return this.#env.get(name) ?? "";
  }
}

interface Run {
  readonly json: string;
  readonly io: CountingIO;
  /** Variables in the record, with their values. */
  readonly env: ReadonlyMap<string, string>;
  readonly recording: RecordingIO;
}

function evaluate(expr: string, attr: string, env: ReadonlyMap<string, string>): Run {
  const io = new CountingIO(env);
  const recording = new RecordingIO(io);
  const inputs = new EvalInputs({ hash: (bytes) => recording.hash(bytes) });
  const log = { trace: () => {}, warn: () => {}, message: () => {} };
  const session = new Session({ settings: DEFAULT_SETTINGS, log, currentDir: "/", files: recording, inputs });
  const root = session.evaluate(session.parse(expr, { kind: "string" }));
  const value = parseAttrPath(attr).length === 0 ? root : selectAttrPath(root, attr, EMPTY_ATTRS);
  const json = toJson(value, new ContextBuilder(), { strict: true, copy: null });
  return { json, io, recording, env: new Map([...inputs.env()].map(({ name, value }) => [name, value])) };
}

/** Changes each of the variables in turn and sees what that does. */
function check(expr: string, attr: string, variables: ReadonlyMap<string, string>): Run {
  const started = Date.now();
  const run = evaluate(expr, attr, variables);
  // The record names those that were asked for, and no others; asking twice is one entry.
  assertEquals([...run.env.keys()].sort(), [...run.io.asked.keys()].sort());
  assertEquals([...run.recording.observations.env].sort(), [...run.env].sort());

  const dir = Deno.makeTempDirSync();
  try {
    let now = variables;
    const checked: string[] = [];
    const getEnv = (name: string) => {
      checked.push(name);
      return now.get(name) ?? "";
    };
    const cache = new ResultCache(dir, { getEnv });
    assertEquals(cache.keep("question", run.json, { seen: run.recording.observations, started }), true);
    assertEquals(cache.lookup("question"), run.json);
    assertEquals(checked.sort(), [...run.env.keys()].sort());
    for (const name of new Set([...variables.keys(), ...run.env.keys(), "SOMETHING_ELSE"])) {
      now = new Map(variables).set(name, `${variables.get(name) ?? ""}x`);
      if (run.env.has(name)) assertEquals([name, cache.lookup("question")], [name, undefined]);
      else {
        assertEquals([name, cache.lookup("question")], [name, run.json]);
        assertEquals([name, evaluate(expr, attr, now).json], [name, run.json]);
      }
    }
    cache.close();
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
  return run;
}

Deno.test("a result depends on the variables in its record and on no others", () => {
  const dir = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${dir}/user.nix`, 'builtins.getEnv "USER"');
    // In a file of its own: what "~" is, is asked when it is parsed.
    Deno.writeTextFileSync(`${dir}/home.nix`, "builtins.pathExists ~/.profile");
    const expr = `{
      user = import ${dir}/user.nix;
      twice = [ (builtins.getEnv "TWICE") (builtins.getEnv "TWICE") ];
      unused = builtins.getEnv "UNUSED";
      branch = if builtins.getEnv "FIRST" == "" then builtins.getEnv "SECOND" else builtins.getEnv "THIRD";
      home = import ${dir}/home.nix;
    }`;
    const names = ["USER", "TWICE", "UNUSED", "FIRST", "SECOND", "THIRD", "HOME", "PATH", "NIX_PATH"];
    const variables = new Map(names.map((name) => [name, name === "FIRST" ? "" : `/${name}`]));
    const asked = (attr: string) => [...check(expr, attr, variables).env.keys()].sort();
    assertEquals(asked("user"), ["USER"]);
    assertEquals(asked("twice"), ["TWICE"]);
    assertEquals(asked("branch"), ["FIRST", "SECOND"]);
    assertEquals(asked("home"), ["HOME"]);
    assertEquals(asked(""), ["FIRST", "HOME", "SECOND", "TWICE", "UNUSED", "USER"]);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test(
  "a devenv shell depends on the variables in its record and on no others",
  { ignore: LIVE === undefined },
  () => {
    using project = new Project(LIVE!, "python");
    const others = ["HOME", "PATH", "NIX_PATH", "USER", "XDG_CONFIG_HOME", "NIXPKGS_CONFIG", "LANG"];
    const variables = new Map(others.map((name) => [name, `/${name}`]));
    const { env } = check(project.expr, "shell.drvPath", variables);
    assertEquals(env.size > 0, true);
  },
);
