// Tasks for pool_test.ts.

import { serve } from "./serve.ts";

class OddError extends Error {
  override name = "OddError";
  toJSON(): unknown {
    return { odd: [1, 2] };
  }
}

let running = 0;
let peak = 0;

serve<{ readonly greeting: string }>((context, emit) => ({
  greet: (name: string) => `${context.greeting} ${name}`,
  nothing: () => undefined,
  big: (bytes: number) => "x".repeat(bytes),
  bytes: (input: Uint8Array) => input.length,
  fail: () => {
    throw new OddError("something odd", { cause: new Error("why") });
  },
  later: () => {
    setTimeout(() => {
      throw new Error("nobody caught this");
    });
    return new Promise(() => {});
  },
  sleep: async (ms: number, { signal }) => {
    running++;
    peak = Math.max(peak, running);
    try {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
      });
    } finally {
      running--;
    }
    return peak;
  },
  now: () => Date.now(),
  tell: async (count: number) => {
    for (let i = 0; i < count; i++) {
      emit({ i });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
}));
