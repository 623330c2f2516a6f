// A worker for tests of the Fetcher. Warnings go nowhere.

import { serve } from "../blocking/serve.ts";
import type { FetchWorkerContext } from "./fetcher.ts";
import { SILENT_REPORT } from "./report.ts";
import { fetchTasks } from "./tasks.ts";

serve<FetchWorkerContext>(({ settings, session }) => fetchTasks({ settings, session, report: SILENT_REPORT }));
