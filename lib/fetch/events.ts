// What workers report, on its way to the thread that started them: a report on either side, plain data in between.

import type { FetchActivity, FetchActivityKind, FetchReport } from "./report.ts";

/** Something a worker has to say. `id` tells the activities of one worker apart. */
export type FetchEvent =
  | { readonly type: "warn"; readonly message: string }
  | { readonly type: "message"; readonly level: number; readonly message: string }
  | { readonly type: "start"; readonly id: number; readonly activity: FetchActivityKind }
  | { readonly type: "progress"; readonly id: number; readonly done: number; readonly expected: number }
  | { readonly type: "stop"; readonly id: number };

/** How far apart two events about the progress of one activity are at least. */
const PROGRESS_MS = 100;

/** Returns a report that emits events. */
export function emitReport(emit: (event: FetchEvent) => void): FetchReport {
  let lastId = 0;
  return {
    warn: (message) => emit({ type: "warn", message }),
    message: (level, message) => emit({ type: "message", level, message }),
    start(activity) {
      const id = ++lastId;
      emit({ type: "start", id, activity });
      let last = -Infinity;
      return {
        progress(done, expected) {
          const now = performance.now();
          if (now - last < PROGRESS_MS && done !== expected) return;
          last = now;
          emit({ type: "progress", id, done, expected });
        },
        stop: () => emit({ type: "stop", id }),
      };
    },
  };
}

/** Returns what hands events of several workers on to a report. */
export function replayEvents(report: FetchReport): (event: FetchEvent, worker: number) => void {
  const activities = new Map<string, FetchActivity>();
  return (event, worker) => {
    switch (event.type) {
      case "warn":
        return report.warn(event.message);
      case "message":
        return report.message(event.level, event.message);
      case "start":
        return void activities.set(`${worker} ${event.id}`, report.start(event.activity));
      case "progress":
        return activities.get(`${worker} ${event.id}`)?.progress(event.done, event.expected);
      case "stop": {
        const key = `${worker} ${event.id}`;
        activities.get(key)?.stop();
        activities.delete(key);
      }
    }
  };
}
