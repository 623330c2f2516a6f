import { assert, assertEquals, assertThrows } from "@std/assert";
import { BlockingTimeoutError, CancelledError, RemoteError, WorkerPool, type WorkerPoolOptions } from "./pool.ts";

const WORKER = new URL("./_test_worker.ts", import.meta.url).href;

function withPool(options: Partial<WorkerPoolOptions>, test: (pool: WorkerPool) => void | Promise<void>) {
  return async () => {
    const pool = new WorkerPool({ worker: WORKER, context: { greeting: "hello" }, ...options });
    try {
      await test(pool);
    } finally {
      pool.close();
    }
  };
}

Deno.test(
  "WorkerPool.call() blocks for the result",
  withPool({}, (pool) => {
    assertEquals(pool.workers, 0);
    assertEquals(pool.call("greet", "world"), "hello world");
    assertEquals(pool.call("nothing", null), null);
    assertEquals(pool.call("bytes", new Uint8Array(5)), 5);
    assertEquals(pool.workers, 1);
  }),
);

Deno.test(
  "WorkerPool.call() carries results larger than the first buffer",
  withPool({}, (pool) => assertEquals(pool.call<string>("big", 3_000_000).length, 3_000_000)),
);

Deno.test(
  "WorkerPool.call() refuses results larger than a buffer can be",
  withPool({}, (pool) => void assertThrows(() => pool.call("big", 70_000_000), RemoteError, "Cannot return")),
);

Deno.test(
  "WorkerPool carries errors over with their data and cause",
  withPool({}, (pool) => {
    const error = assertThrows(() => pool.call("fail", null), RemoteError, "something odd");
    assertEquals(error.failure.name, "OddError");
    assertEquals(error.failure.data, { odd: [1, 2] });
    assertEquals(error.failure.cause?.message, "why");
  }),
);

Deno.test(
  "WorkerPool revives errors it is told about",
  withPool(
    { revive: ({ name, message }) => new TypeError(`${name}: ${message}`) },
    (pool) => void assertThrows(() => pool.call("fail", null), TypeError, "OddError: something odd"),
  ),
);

Deno.test(
  "WorkerPool fails calls whose task throws where nobody catches",
  withPool({}, (pool) => {
    assertThrows(() => pool.call("later", null), RemoteError, "nobody caught this");
    assertEquals(pool.call("greet", "again"), "hello again");
  }),
);

Deno.test(
  "WorkerPool names a task that isn't there",
  withPool({}, (pool) => void assertThrows(() => pool.call("fly", null), RemoteError, 'task "fly"')),
);

Deno.test(
  "WorkerPool bounds how many tasks run at once over all workers",
  withPool({ size: 2, concurrency: 3 }, (pool) => {
    const calls = Array.from({ length: 8 }, () => pool.start<number>("sleep", 30));
    const peaks = calls.map((call) => call.wait());
    assertEquals(pool.workers, 2);
    assert(Math.max(...peaks) <= 2);
  }),
);

Deno.test(
  "BlockingCall.wait() goes before calls nobody waits for",
  withPool({ concurrency: 1 }, (pool) => {
    pool.call("nothing", null);
    const first = pool.start("sleep", 60);
    const others = Array.from({ length: 5 }, () => pool.start<number>("sleep", 60));
    const wanted = pool.start<number>("now", null);
    wanted.wait();
    assert(first.done);
    assert(others.filter((call) => call.done).length <= 1);
  }),
);

Deno.test(
  "BlockingCall.cancel() aborts a task and drops one that is queued",
  withPool({ concurrency: 1 }, (pool) => {
    const running = pool.start("sleep", 10_000);
    const queued = pool.start("sleep", 10_000);
    queued.cancel();
    assertThrows(() => queued.wait(), CancelledError);
    assert(!running.done);
    running.cancel();
    assertThrows(() => running.wait(), CancelledError);
    assertEquals(pool.call("greet", "you"), "hello you");
  }),
);

Deno.test(
  "BlockingCall.wait() gives up after its time",
  withPool({}, (pool) => {
    const call = pool.start("sleep", 10_000);
    assertThrows(() => call.wait({ timeoutMs: 20 }), BlockingTimeoutError);
  }),
);

Deno.test(
  "BlockingCall.settled() lets the event loop run",
  withPool({}, async (pool) => {
    const call = pool.start<number>("sleep", 200);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 2);
    await call.settled();
    clearInterval(timer);
    assert(ticks > 0);
    assertEquals(await call.settled(), 1);
    assertEquals(call.wait(), 1);
  }),
);

Deno.test("WorkerPool.close() fails what is under way", () => {
  const pool = new WorkerPool({ worker: WORKER });
  const call = pool.start("sleep", 10_000);
  pool.close();
  assertThrows(() => call.wait(), CancelledError);
  assertThrows(() => pool.start("nothing", null), CancelledError);
});

Deno.test("WorkerPool hands on what tasks emit before their results, and while it waits", () => {
  const events: unknown[] = [];
  let early = 0;
  let isDone = () => false;
  const pool: WorkerPool = new WorkerPool({
    worker: WORKER,
    onEvent: (event, worker) => {
      events.push([worker, event]);
      if (!isDone()) early++;
    },
  });
  const started = pool.start("tell", 40);
  isDone = () => started.done;
  started.wait();
  assertEquals(events.length, 40);
  assertEquals(events[39], [0, { i: 39 }]);
  assert(early > 0);
  pool.call("tell", 1);
  assertEquals(events.length, 41);
  pool.close();
});
