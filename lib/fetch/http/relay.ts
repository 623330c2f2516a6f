// A SOCKS proxy on loopback (RFC 1928 and 1929), for what Deno's clients can't do by themselves.
//
// Deno sends an HTTP proxy's credentials to the server as well, within the tunnel. So it is given this relay for a proxy,
// which sends them on the way to the real one only. Nor can Deno be told to use no proxy where the environment has one: a
// relay without a proxy connects to the server itself. TLS is between client and server in either case.
//
// Others on this machine can connect to a relay too: it serves who knows its password, which goes nowhere else.

import { binaryToBytes } from "../../format/bytes.ts";
import type { Proxy } from "./proxy.ts";

/** A relay that runs. */
export interface Relay {
  /** What Deno's client is told. */
  readonly proxy: Deno.Proxy;
  close(): void;
}

const USER = "devix";
const MAX_HEAD_BYTES = 1 << 14;

const VERSION = 5;
const BY_PASSWORD = 2;
/** Of the part about passwords. */
const PASSWORD_VERSION = 1;
const CONNECT = 1;
/** Kinds of addresses. */
const IPV4 = 1;
const NAME = 3;
/** Answers to CONNECT. */
const SUCCEEDED = 0;
const NOT_ALLOWED = 2;
const UNREACHABLE = 4;
const REFUSED = 5;

/** Where a client wants to be connected to. */
interface Target {
  /** An IPv6 address has no brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** Starts a relay to `proxy`, or to the servers themselves. It keeps no event loop alive. */
export function startRelay(proxy: Proxy | undefined, options: { readonly caCerts: readonly string[] }): Relay {
  const password = crypto.randomUUID();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.unref();
  const open = new Set<Deno.Conn>();
  const keep = (connection: Deno.Conn) => {
    connection.unref();
    open.add(connection);
    return connection;
  };

  const connect = async ({ hostname, port }: Target): Promise<Deno.Conn> =>
    keep(
      proxy?.scheme === "https"
        ? await Deno.connectTls({ hostname, port, caCerts: [...options.caCerts] })
        : await Deno.connect({ hostname, port }),
    );

  const serve = async (client: Deno.Conn) => {
    const target = await greet(client, password);
    if (target === undefined) return;
    let server: Deno.Conn | undefined;
    try {
      server = await connect(proxy === undefined ? target : { hostname: proxy.host, port: proxy.port });
      const answer = proxy === undefined ? SUCCEEDED : await tunnel(server, target, proxy);
      await reply(client, answer);
      if (answer !== SUCCEEDED) return;
      await Promise.all([client.readable.pipeTo(server.writable), server.readable.pipeTo(client.writable)]);
    } catch (e) {
      if (server === undefined) await reply(client, e instanceof Deno.errors.ConnectionRefused ? REFUSED : UNREACHABLE);
    } finally {
      if (server !== undefined) {
        close(server);
        open.delete(server);
      }
    }
  };

  (async () => {
    for await (const client of listener) {
      // Deno says that the connection failed, whatever the reason.
      serve(keep(client)).catch(() => {}).finally(() => {
        close(client);
        open.delete(client);
      });
    }
  })().catch(() => {});

  return {
    proxy: { url: `socks5h://${USER}:${password}@127.0.0.1:${(listener.addr as Deno.NetAddr).port}` },
    close() {
      listener.close();
      open.forEach(close);
    },
  };
}

/** Returns where a client wants to be connected to; undefined if it doesn't know the password or speaks otherwise. */
async function greet(client: Deno.Conn, password: string): Promise<Target | undefined> {
  const [version, methods] = await read(client, 2);
  if (version !== VERSION || !(await read(client, methods)).includes(BY_PASSWORD)) return undefined;
  await write(client, [VERSION, BY_PASSWORD]);
  const [passwordVersion, userLength] = await read(client, 2);
  if (passwordVersion !== PASSWORD_VERSION) return undefined;
  const user = await readText(client, userLength);
  const given = await readText(client, (await read(client, 1))[0]);
  if (user !== USER || given !== password) return undefined;
  await write(client, [PASSWORD_VERSION, 0]);
  const [requestVersion, command, _reserved, kind] = await read(client, 4);
  if (requestVersion !== VERSION || command !== CONNECT) return undefined;
  const hostname = await readHost(client, kind);
  const [high, low] = await read(client, 2);
  return { hostname, port: high << 8 | low };
}

async function readHost(client: Deno.Conn, kind: number): Promise<string> {
  if (kind === NAME) return await readText(client, (await read(client, 1))[0]);
  if (kind === IPV4) return (await read(client, 4)).join(".");
  const bytes = await read(client, 16);
  return Array.from({ length: 8 }, (_, i) => (bytes[2 * i] << 8 | bytes[2 * i + 1]).toString(16)).join(":");
}

/** Asks a proxy for a tunnel to a server; returns what to answer to the client. */
async function tunnel(connection: Deno.Conn, { hostname, port }: Target, { credentials }: Proxy): Promise<number> {
  const place = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  const authorization = credentials === undefined
    ? ""
    : `Proxy-Authorization: Basic ${btoa(`${credentials.login}:${credentials.password}`)}\r\n`;
  await write(connection, binaryToBytes(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n${authorization}\r\n`));
  const [, status = ""] = /^HTTP\/1\.\d (\d{3})/.exec(await readHead(connection)) ?? [];
  return status[0] === "2" ? SUCCEEDED : status[0] === "4" ? NOT_ALLOWED : UNREACHABLE;
}

/** Reads the head of an answer. What is behind it comes after the client has said something. */
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

async function reply(client: Deno.Conn, answer: number): Promise<void> {
  // With the address that was connected from, which nobody looks at.
  await write(client, [VERSION, answer, 0, IPV4, 0, 0, 0, 0, 0, 0]);
}

/** Reads so many bytes. @throws {Deno.errors.UnexpectedEof} */
async function read(connection: Deno.Conn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const n = await connection.read(bytes.subarray(at));
    if (n === null) throw new Deno.errors.UnexpectedEof();
    at += n;
  }
  return bytes;
}

async function readText(connection: Deno.Conn, length: number): Promise<string> {
  return new TextDecoder().decode(await read(connection, length));
}

async function write(connection: Deno.Conn, data: ArrayLike<number>): Promise<void> {
  const bytes = Uint8Array.from(data);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
