/**
 * What runs in the workers that fetch: the composition root on their side. `deno compile` has to be told of this file with
 * `--include`.
 */
import { serve } from "./lib/blocking/serve.ts";
import { emitReport } from "./lib/fetch/events.ts";
import type { FetchWorkerContext } from "./lib/fetch/fetcher.ts";
import { fetchTasks } from "./lib/fetch/tasks.ts";

serve<FetchWorkerContext>(({ settings, session }, emit) => fetchTasks({ settings, session, report: emitReport(emit) }));
