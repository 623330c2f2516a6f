/** What runs in the workers that fetch. No import leads here: `deno compile` has to be told of it with `--include`. */
import { serve } from "../blocking/serve.ts";
import { emitReport } from "./events.ts";
import type { FetchWorkerContext } from "./fetcher.ts";
import { fetchTasks } from "./tasks.ts";

serve<FetchWorkerContext>(({ settings, session }, emit) => fetchTasks({ settings, session, report: emitReport(emit) }));
