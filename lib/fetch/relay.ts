// A CONNECT proxy on loopback, for what Deno's clients can't do by themselves.
//
// Deno sends a proxy's credentials to the server as well, within the tunnel. So it is given this relay for a proxy, which
// sends them on the way to the real one only. Nor can Deno be told to use no proxy where the environment has one: a relay
// without a proxy connects to the server itself. TLS is between client and server in either case.
//
// Others on this machine can connect to a relay too: it serves who knows its password. That is what goes to servers now.

import type { Proxy } from "./proxy.ts";

/** A relay that runs. */
export interface Relay {
  /** What Deno's client is told. */
  readonly proxy: Deno.Proxy;
  close(): void;
}

const USER = "devix";
const MAX_HEAD_BYTES = 1 << 14;

/** Starts a relay to `proxy`, or to the servers themselves. It keeps no event loop alive. */
export function startRelay(proxy: Proxy | undefined, options: { readonly caCerts: readonly string[] }): Relay {
  const password = crypto.randomUUID();
  const expected = `Basic ${btoa(`${USER}:${password}`)}`;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.unref();
  const open = new Set<Deno.Conn>();
  const keep = (connection: Deno.Conn) => {
    connection.unref();
    open.add(connection);
    return connection;
  };

  const serve = async (client: Deno.Conn) => {
    const head = await readHead(client);
    const target = /^CONNECT (?:\[([^\]]*)\]|([^ ]*)):(\d+) HTTP/.exec(head);
    const authorization = /\r\nproxy-authorization: *([^\r]*)/i.exec(head);
    if (target === null || authorization?.[1] !== expected) return;
    const hostname = proxy?.host ?? target[1] ?? target[2];
    const port = proxy?.port ?? Number(target[3]);
    const server = keep(
      proxy?.scheme === "https"
        ? await Deno.connectTls({ hostname, port, caCerts: [...options.caCerts] })
        : await Deno.connect({ hostname, port }),
    );
    try {
      if (proxy === undefined) await writeText(client, "HTTP/1.1 200 Connected\r\n\r\n");
      else await writeText(server, withCredentials(head, authorization[0], proxy));
      await Promise.all([client.readable.pipeTo(server.writable), server.readable.pipeTo(client.writable)]);
    } finally {
      close(server);
      open.delete(server);
    }
  };

  (async () => {
    for await (const client of listener) {
      // Deno says that the tunnel failed, whatever the reason.
      serve(keep(client)).catch(() => {}).finally(() => {
        close(client);
        open.delete(client);
      });
    }
  })().catch(() => {});

  return {
    proxy: {
      url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
      basicAuth: { username: USER, password },
    },
    close() {
      listener.close();
      open.forEach(close);
    },
  };
}

function withCredentials(head: string, ours: string, { credentials }: Proxy): string {
  if (credentials === undefined) return head.replace(ours, "");
  const { login, password } = credentials;
  return head.replace(ours, `\r\nProxy-Authorization: Basic ${btoa(`${login}:${password}`)}`);
}

/** Reads the head of a request. A client sends no more before it has the answer. */
async function readHead(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(MAX_HEAD_BYTES);
  for (let length = 0; length < buffer.length;) {
    const n = await connection.read(buffer.subarray(length));
    if (n === null) break;
    length += n;
    const text = new TextDecoder("latin1").decode(buffer.subarray(0, length));
    if (text.endsWith("\r\n\r\n")) return text;
  }
  return "";
}

async function writeText(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
