// The background evaluator as its callers see it: it isn't seen, whatever happens to it.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { compareJobs, FROM_SOURCES } from "./differential.ts";

/** A user with a runtime directory; everything of theirs ends with them. */
class User {
  readonly dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devix-user-" }));
  readonly env: Record<string, string> = {
    PATH: "/usr/bin:/bin",
    HOME: this.dir,
    NIX_REMOTE: "dummy://",
    XDG_RUNTIME_DIR: `${this.dir}/run`,
    DEVIX_WARM: "1",
    DEVIX_WARM_IDLE: "30",
    // An evaluator is warm from the start.
    DEVIX_WARM_AFTER: "0",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
  };

  constructor() {
    Deno.mkdirSync(`${this.dir}/run`, { mode: 0o700 });
  }

  get socket(): string {
    return `${this.dir}/run/devix/warm.sock`;
  }

  start(args: readonly string[], stdin: "null" | "piped" = "null"): Deno.ChildProcess {
    return new Deno.Command(FROM_SOURCES[0], {
      args: [...FROM_SOURCES.slice(1), ...args],
      cwd: this.dir,
      env: this.env,
      clearEnv: true,
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  async run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const { code, stdout, stderr } = await this.start(args).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  }

  async eval(expr: string): Promise<string> {
    const { out, err } = await this.run("eval", "-E", expr);
    return out + err;
  }

  /** Has the background process started, and its evaluator warm. */
  async warmUp(): Promise<void> {
    await this.eval("0");
    await this.settled();
  }

  /** Waits until the background process does nothing. */
  async settled(): Promise<void> {
    assertEquals((await this.run("warm", "wait")).code, 0);
  }

  /** The background process, its jobs and those it refused, and its evaluators. */
  async status(): Promise<
    { pid: number; jobs: number; refused: number; kept: number; evaluators: readonly number[] }
  > {
    const { out } = await this.run("warm", "status");
    const found = /^background process (\d+): (\d+) jobs?, (\d+) of them refused, (\d+)/.exec(out);
    const [, pid, jobs, refused, kept] = found ?? ["", "0", "0", "0", "0"];
    const evaluators = [...out.matchAll(/evaluator (\d+)/g)].map(([, pid]) => Number(pid));
    return { pid: Number(pid), jobs: Number(jobs), refused: Number(refused), kept: Number(kept), evaluators };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run("warm", "stop");
    await Deno.remove(this.dir, { recursive: true });
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; !await condition(); i++) {
    assert(i < 300, "it took too long");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

const linux = Deno.build.os === "linux";

Deno.test("jobs done warm can't be told from jobs done cold", async () => {
  const { differences, status } = await compareJobs({ devix: FROM_SOURCES, jobs: 12, seed: 7 });
  assertEquals(differences, []);
  assert(Number(/: (\d+) jobs/.exec(status)?.[1]) >= 8, status);
});

Deno.test({
  name: "the background process is started, used, and nobody else's",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    // Whoever asks first is the quickest to do it.
    assertEquals(await user.eval("1 + 1"), "2\n");
    await user.settled();
    const first = await user.status();
    assertEquals({ jobs: first.jobs, evaluators: first.evaluators.length }, { jobs: 0, evaluators: 1 });
    assertEquals(await user.eval("1 + 1"), "2\n");
    assertEquals((await user.status()).kept, 1);
    assertEquals(
      await user.eval("builtins.trace 1 (throw ''x'')"),
      (await user.run("eval", "--no-warm", "-E", "builtins.trace 1 (throw ''x'')")).err,
    );
    const { pid, jobs, refused } = await user.status();
    assertEquals({ jobs, refused }, { jobs: 2, refused: 0 });
    assertEquals(Deno.lstatSync(user.socket).mode! & 0o777, 0o600);
    assertEquals(Deno.lstatSync(`${user.dir}/run/devix`).mode! & 0o777, 0o700);
    // Standard input is the caller's.
    const child = user.start(["nix-instantiate", "--eval", "-"], "piped");
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("20 + 22"));
    await writer.close();
    assertEquals(new TextDecoder().decode((await child.output()).stdout), "42\n");
    assertEquals((await user.run("warm", "stop")).code, 0);
    await until(() => !isRunning(pid));
    assertEquals(isThere(user.socket), false);
    assertEquals((await user.run("warm", "status")).code, 1);
  },
});

Deno.test({
  name: "warm wait waits for what the background process will yet be told",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    delete user.env.DEVIX_WARM_AFTER;
    const waits = async (waiting: Promise<unknown>) => {
      const timeout = new Promise((resolve) => setTimeout(resolve, 1500, "it waits"));
      return await Promise.race([waiting, timeout]) === "it waits";
    };
    // By who has started it.
    const daemon = user.start(["warm", "daemon"], "piped");
    await until(() => isThere(user.socket));
    const first = user.run("warm", "wait");
    assert(await waits(first));
    await daemon.stdin.close();
    assertEquals((await first).code, 0);
    // By who carries out a job itself.
    const long =
      "let f = n: if n == 0 then 1 else f (n - 1); in builtins.trace ''begun'' (builtins.foldl' (a: n: a + f 1000) 0 (builtins.genList (n: n) 1000000))";
    const caller = user.start(["eval", "-E", long]);
    const errors = caller.stderr.getReader();
    assertEquals(new TextDecoder().decode((await errors.read()).value), "trace: begun\n");
    await errors.cancel();
    const second = user.run("warm", "wait");
    assert(await waits(second));
    caller.kill("SIGKILL");
    await caller.stdout.cancel();
    await caller.status;
    assertEquals((await second).code, 0);
    await user.run("warm", "stop");
    await daemon.output();
  },
});

Deno.test({
  name: "what depends on an edited file is evaluated again, and values that said something",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    const write = (name: string, text: string) => Deno.writeTextFileSync(`${user.dir}/${name}`, text);
    write("set.nix", "[ (import ./a.nix) (builtins.trace ''b'' (import ./b.nix)) (builtins.getEnv ''C'') ]");
    write("a.nix", "1");
    write("b.nix", "2");
    await user.warmUp();
    const ask = async () => {
      const args = ["nix-instantiate", "--eval", "--strict", "set.nix"];
      const warm = await user.run(...args);
      const { code, out, err } = await user.run(...args, "--no-warm");
      assertEquals(warm, { code, out, err });
      return out.trim() + err.trim();
    };
    const said = '[ 1 2 "" ]trace: b';
    assertEquals(await ask(), said);
    assertEquals(await ask(), said);
    write("a.nix", "10");
    assertEquals(await ask(), said.replace("1", "10"));
    write("b.nix", "throw ''no''");
    assertMatch(await ask(), /^trace: b\nerror:[^]*no$/);
    write("b.nix", "{ }");
    user.env.C = "c";
    assertEquals(await ask(), '[ 10 { } "c" ]trace: b');
    Deno.removeSync(`${user.dir}/a.nix`);
    assertMatch(await ask(), /does not exist/);
    write("a.nix", "1");
    assertEquals(await ask(), '[ 1 { } "c" ]trace: b');
    // Those that failed were done from the start.
    const { jobs, refused, kept } = await user.status();
    assertEquals({ jobs, refused, kept }, { jobs: 7, refused: 0, kept: 5 });
  },
});

Deno.test({
  name: "where the answer is known the values it is made of are there afterwards",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    const write = (text: string) => {
      Deno.writeTextFileSync(`${user.dir}/name.nix`, text);
      // What has just been written isn't trusted.
      Deno.utimeSync(`${user.dir}/name.nix`, 1e9, text.length);
    };
    const expr = 'derivation { name = import ./name.nix; system = "s"; builder = "b"; }';
    const ask = async () => (await user.run("instantiate", "--dry-run", "--expr", expr)).out;
    write('"a"');
    const first = await ask();
    await user.settled();
    await user.run("warm", "stop");
    assertEquals(await ask(), first);
    await user.settled();
    write('"longer"');
    assertMatch(await ask(), /-longer\.drv\n$/);
    const { jobs, kept } = await user.status();
    assertEquals({ jobs, kept }, { jobs: 1, kept: 1 });
  },
});

Deno.test({
  name: "the background process holds nothing open of who starts it",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    const { success } = await new Deno.Command("sh", {
      args: ["-c", 'exec 9> lock && exec "$@"', "sh", ...FROM_SOURCES, "eval", "-E", "0"],
      cwd: user.dir,
      env: user.env,
      clearEnv: true,
    }).output();
    assert(success);
    await user.settled();
    const { pid, evaluators } = await user.status();
    const open = [pid, ...evaluators].flatMap((each) =>
      [...Deno.readDirSync(`/proc/${each}/fd`)].flatMap(({ name }) => {
        try {
          return [Deno.readLinkSync(`/proc/${each}/fd/${name}`)];
        } catch {
          // Closed meanwhile.
          return [];
        }
      })
    );
    assertEquals([evaluators.length, open.filter((path) => path === `${user.dir}/lock`)], [1, []]);
  },
});

Deno.test({
  name: "the background process ends when it has nothing to do for a while",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    // Long enough for a busy machine to ask who is there.
    user.env.DEVIX_WARM_IDLE = "4";
    await user.warmUp();
    const { pid, evaluators: [evaluator] } = await user.status();
    await until(() => !isRunning(pid) && !isRunning(evaluator) && !isThere(user.socket));
    assertEquals(await user.eval("1 + 2"), "3\n");
    await user.settled();
    assert((await user.status()).pid !== pid);
  },
});

Deno.test({
  name: "evaluators that use more memory than they may are ended, and not started for the same again",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    user.env.DEVIX_WARM_MEMORY = "1";
    await user.warmUp();
    await until(async () => (await user.status()).evaluators.length === 0);
    // None gets ready for what was too large.
    await user.warmUp();
    const { evaluators, jobs } = await user.status();
    assertEquals({ evaluators, jobs }, { evaluators: [], jobs: 0 });
    assertEquals(await user.eval("1 + 2"), "3\n");
  },
});

Deno.test({
  name: "callers at once get an evaluator each from the second time on, each with its own environment",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    // Who waits for standard input is at work until that ends.
    const start = (value: string) => {
      user.env.NAME = value;
      return user.start(["nix-instantiate", "--eval", "-"], "piped");
    };
    const finish = async (child: Deno.ChildProcess) => {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("builtins.getEnv ''NAME''"));
      await writer.close();
      return new TextDecoder().decode((await child.output()).stdout);
    };
    await user.warmUp();
    for (const [expected, names] of [[1, ["one", "two"]], [3, ["three", "four"]]] as const) {
      const first = start(names[0]);
      await until(async () => (await user.run("warm", "status")).out.includes("busy"));
      assertEquals(await finish(start(names[1])), `"${names[1]}"\n`);
      assertEquals(await finish(first), `"${names[0]}"\n`);
      await user.settled();
      const { jobs, refused, evaluators } = await user.status();
      assertEquals({ jobs, refused, evaluators: evaluators.length }, { jobs: expected, refused: 0, evaluators: 2 });
    }
  },
});

Deno.test({
  name: "an evaluator that is killed at work, or whose caller is, is replaced",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    const forever =
      "let f = n: if n == 0 then 1 else f (n - 1); g = n: builtins.seq (f 1000) (if n == 0 then 1 else g (n - 1)); in builtins.trace ''begun'' (g 3000 + g 3000)";
    await user.warmUp();
    const child = user.start(["eval", "-E", forever]);
    const errors = child.stderr.getReader();
    assertEquals(new TextDecoder().decode((await errors.read()).value), "trace: begun\n");
    const { evaluators: [evaluator] } = await user.status();
    Deno.kill(evaluator, "SIGKILL");
    // What was said isn't said again.
    let rest = "";
    for (let chunk; (chunk = await errors.read(), !chunk.done);) rest += new TextDecoder().decode(chunk.value);
    assertEquals(rest, "");
    assertEquals(await new Response(child.stdout).text(), "2\n");
    assertEquals((await child.status).code, 0);

    const longer =
      "let f = n: if n == 0 then 1 else f (n - 1); in builtins.foldl' (a: n: a + f 1000) 0 (builtins.genList (n: n) 1000000)";
    await user.warmUp();
    const second = user.start(["eval", "-E", longer]);
    await until(async () => (await user.run("warm", "status")).out.includes("busy"));
    const { evaluators: [busy] } = await user.status();
    second.kill("SIGINT");
    await second.output();
    await until(() => !isRunning(busy));
    assertEquals(await user.eval("1 + 2"), "3\n");
  },
});

Deno.test({
  name: "sockets left behind, of another devix, or in a place that others can write to are no trouble",
  ignore: !linux,
  fn: async () => {
    await using user = new User();
    await user.warmUp();
    const { pid, evaluators } = await user.status();
    Deno.kill(pid, "SIGKILL");
    await until(() => !isRunning(pid) && !isRunning(evaluators[0]));
    assertEquals(isThere(user.socket), true);
    assertEquals(await user.eval("2"), "2\n");
    await user.settled();
    const next = (await user.status()).pid;
    assert(next !== pid && next !== 0);
    // One of another build leaves.
    const connection = await Deno.connect({ transport: "unix", path: user.socket });
    await connection.write(new TextEncoder().encode('{"build":"other","ask":"run"}\n'));
    const answer = new Uint8Array(100);
    const n = await connection.read(answer);
    connection.close();
    assertMatch(new TextDecoder().decode(answer.subarray(0, n!)), /"gone":true/);
    await until(() => !isRunning(next));
    // What somebody else may have put there isn't talked to.
    await Deno.chmod(`${user.dir}/run/devix`, 0o777);
    await Deno.chmod(`${user.dir}/run`, 0o777);
    const { out } = await new Deno.Command("env", {
      args: ["-i", ...Object.entries(user.env).map(([k, v]) => `${k}=${v}`), ...FROM_SOURCES, "eval", "-E", "3"],
      cwd: user.dir,
    }).output().then(({ stdout }) => ({ out: new TextDecoder().decode(stdout) }));
    assertEquals(out, "3\n");
    assertEquals(isThere(user.socket), false);
    await user.run("warm", "stop");
    await Deno.chmod(`${user.dir}/run`, 0o700);
    await Deno.chmod(`${user.dir}/run/devix`, 0o700);
  },
});
