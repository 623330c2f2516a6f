/**
 * What runs in the workers that fetch: the composition root on their side. `deno compile` has to be told of this file with
 * `--include`.
 */
import { serve } from "./lib/blocking/serve.ts";
import type { FetchWorkerContext } from "./lib/fetch/fetcher.ts";
import { SILENT_REPORT } from "./lib/fetch/report.ts";
import { fetchTasks } from "./lib/fetch/tasks.ts";

serve<FetchWorkerContext>(({ settings, session }) => fetchTasks({ settings, session, report: SILENT_REPORT }));
