// Servers on loopback that misbehave on demand, for tests that don't block their event loop.

import { SILENT_REPORT } from "./report.ts";
import type { FetchReport } from "./report.ts";

/** A server that tests talk to. */
export interface TestServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What was asked for, in order. */
  readonly requests: { readonly path: string; readonly headers: Readonly<Record<string, string>> }[];
  close(): Promise<void>;
}

/** Starts a server that answers with `handle`. */
export function startServer(handle: (request: Request, path: string) => Response | Promise<Response>): TestServer {
  const requests: { path: string; headers: Record<string, string> }[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {}, onError: () => new Response() },
    (request) => {
      const { pathname } = new URL(request.url);
      requests.push({ path: pathname, headers: Object.fromEntries(request.headers) });
      return handle(request, pathname);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    close: () => server.shutdown(),
  };
}

/** Starts a server that gets each request's head as text and writes what it likes. */
export function startRawServer(
  handle: (head: string, connection: Deno.Conn) => Promise<void>,
): { readonly url: string; close(): void } {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const open = new Set<Deno.Conn>();
  (async () => {
    for await (const connection of listener) {
      open.add(connection);
      (async () => {
        try {
          const buffer = new Uint8Array(65536);
          const n = await connection.read(buffer);
          await handle(new TextDecoder().decode(buffer.subarray(0, n ?? 0)), connection);
        } catch {
          // The client has gone.
        } finally {
          open.delete(connection);
          try {
            connection.close();
          } catch {
            // Closed already.
          }
        }
      })();
    }
  })().catch(() => {});
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    close() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // Closed already.
        }
      }
    },
  };
}

/** Starts a proxy that takes every request to `target`, whatever it asks for, and keeps heads of requests. */
export function startProxy(target: string): { readonly url: string; readonly heads: string[]; close(): void } {
  const { hostname, port } = new URL(target);
  const heads: string[] = [];
  const server = startRawServer(async (head, client) => {
    heads.push(head);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    if (head.startsWith("CONNECT")) await write(client, "HTTP/1.1 200 OK\r\n\r\n");
    else await write(connection, head.replace(/^GET http:\/\/[^/]*/, "GET "));
    await Promise.allSettled([
      client.readable.pipeTo(connection.writable),
      connection.readable.pipeTo(client.writable),
    ]);
  });
  return { ...server, heads };
}

/** Writes all of a text or of bytes. */
export async function write(connection: Deno.Conn, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** A report that keeps warnings. */
export function recordingReport(): FetchReport & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return { ...SILENT_REPORT, warnings, warn: (message) => void warnings.push(message) };
}
