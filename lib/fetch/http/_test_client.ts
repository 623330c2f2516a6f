/** What tests of downloads need: a client, and servers with certificates. */
import { assertRejects } from "@std/assert";
import { recordingReport } from "../_test_server.ts";
import { stripMarks } from "../_test_text.ts";
import { FetchError } from "../errors.ts";
import { HttpClient } from "./client.ts";
import type { HttpSettings } from "./request.ts";

/** No proxies, no netrc file, quick retries. */
export const SETTINGS: HttpSettings = {
  offline: false,
  netrcFile: "/nonexistent",
  sslCertFile: "/dev/null",
  connectTimeout: 15,
  stalledTimeout: 10,
  attempts: 3,
  retryDelayMs: 1,
  http2: true,
  userAgentSuffix: "",
  env: {},
};

/** Returns a client and what it reports. */
export function client(settings: Partial<HttpSettings> = {}) {
  const report = recordingReport();
  const http = new HttpClient({ ...SETTINGS, ...settings }, report);
  return { http, report, [Symbol.dispose]: () => http.close() };
}

/** Longer than what comes at once. */
export const BODY = "0123456789".repeat(10_000);

/** Returns the text of a body. */
export const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Returns the error an action fails with. */
export async function failure(action: () => Promise<unknown>): Promise<{ message: string; code: string }> {
  const error = await assertRejects(action, FetchError);
  return { message: stripMarks(error.message), code: error.code };
}

/** Keys and certificates. */
export const TLS = new URL("../../../testdata/fetch/tls/", import.meta.url);

/** Answers "origin" over TLS, as localhost. */
export function startTlsServer(files: readonly string[] = ["cert.pem", "key.pem"]) {
  const [cert, key] = files.map((name) => Deno.readTextFileSync(new URL(name, TLS)));
  const seen: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, cert, key, onListen() {} }, (request) => {
    seen.push(request.headers.get("proxy-authorization"));
    return new Response("origin");
  });
  return { port: server.addr.port, seen, close: () => server.shutdown() };
}
