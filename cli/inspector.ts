/**
 * V8's profiler, from inside: `--profile` and the counters of NIX_SHOW_STATS. Loaded for these only; node:inspector takes
 * 5 ms.
 */
import * as inspector from "node:inspector";

/** A connection to V8's inspector of this thread. */
export class Inspector {
  readonly #session = new inspector.Session();

  constructor() {
    this.#session.connect();
  }

  /** Sends a message of the protocol and returns the result, which arrives when JavaScript next waits. */
  send<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#session.post(method, params, (error, result) => {
        if (error === null) resolve(result as T);
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }
}
