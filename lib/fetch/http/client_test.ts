import { assert, assertEquals, assertRejects } from "@std/assert";
import { startRawServer, startServer, write } from "../_test_server.ts";
import { stripMarks } from "../_test_text.ts";
import { BODY, client, failure, text } from "./_test_client.ts";

Deno.test("HttpClient.get() returns body, ETag and URL", async () => {
  const server = startServer(() => new Response("hello", { headers: { etag: '"1"' } }));
  using c = client();
  const { answer, bytes } = await c.http.get({ url: `${server.url}/a` });
  assertEquals(text(bytes), "hello");
  assertEquals(answer, { unchanged: false, etag: '"1"', urls: [`${server.url}/a`], immutableUrl: undefined });
  assertEquals(server.requests[0].headers["user-agent"], "devix");
  await server.close();
});

Deno.test("HttpClient.download() learns that nothing has changed, from 304 and from the same ETag", async () => {
  const server = startServer((request, path) => {
    if (path === "/proper" && request.headers.get("if-none-match") === '"1"') {
      return new Response(null, { status: 304 });
    }
    return new Response("again", { headers: { etag: '"1"' } });
  });
  using c = client();
  for (const path of ["/proper", "/ignores"]) {
    const { answer, value } = await c.http.download({ url: server.url + path, etag: '"1"' }, () => {
      throw new Error("there is no body");
    });
    assertEquals([answer.unchanged, answer.etag, value], [true, '"1"', undefined]);
  }
  await server.close();
});

Deno.test("HttpClient starts over where the server answers a request for the rest with all, or with no such range", async () => {
  for (const answer of ["200 OK", "416 Range Not Satisfiable"]) {
    let count = 0;
    const server = startRawServer(async (head, connection) => {
      const rest = /range: bytes=/i.test(head);
      const status = rest ? answer : "200 OK";
      await write(connection, `HTTP/1.1 ${status}\r\ncontent-length: ${BODY.length}\r\naccept-ranges: bytes\r\n\r\n`);
      await write(connection, ++count === 1 ? BODY.slice(0, 30_000) : BODY);
    });
    using c = client();
    assert(text((await c.http.get({ url: server.url })).bytes) === BODY);
    assertEquals(count, 3, answer);
    server.close();
  }
});

Deno.test("HttpClient tries again after server errors, with a warning, and not after others", async () => {
  let count = 0;
  const server = startServer((_, path) => {
    if (path === "/flaky") return ++count < 3 ? new Response("busy", { status: 503 }) : new Response("fine");
    return new Response("no", { status: Number(path.slice(1)) });
  });
  using c = client();
  assertEquals(text((await c.http.get({ url: `${server.url}/flaky` })).bytes), "fine");
  assertEquals(c.report.warnings.length, 2);
  assert(
    /^unable to download 'http:.*\/flaky': HTTP error 503; retrying in \d+ ms \(attempt 1\/3\)$/
      .test(stripMarks(c.report.warnings[0])),
    c.report.warnings[0],
  );
  for (
    const [status, code, tries] of [
      [404, "not-found", 1],
      [410, "not-found", 1],
      [403, "forbidden", 1],
      [400, "network", 1],
      [500, "network", 3],
      [501, "network", 1],
    ] as const
  ) {
    const before = server.requests.length;
    const error = await failure(() => c.http.get({ url: `${server.url}/${status}` }));
    assertEquals(error.code, code);
    assertEquals(
      error.message,
      `unable to download '${server.url}/${status}': HTTP error ${status}\n\nresponse body:\n\nno`,
    );
    assertEquals(server.requests.length - before, tries, String(status));
  }
  await server.close();
});

Deno.test("HttpClient waits as long as the server asks", async () => {
  let count = 0;
  const server = startServer(() =>
    ++count < 2 ? new Response("", { status: 429, headers: { "retry-after": "0" } }) : new Response("fine")
  );
  using c = client();
  assertEquals(text((await c.http.get({ url: server.url })).bytes), "fine");
  await server.close();
});

Deno.test("HttpClient goes on where a transfer broke off", async () => {
  const ranges: string[] = [];
  const server = startRawServer(async (head, connection) => {
    const range = /range: bytes=(\d+)-/i.exec(head)?.[1];
    ranges.push(range ?? "");
    const from = Number(range ?? 0);
    const status = range === undefined ? "200 OK" : "206 Partial Content";
    await write(
      connection,
      `HTTP/1.1 ${status}\r\ncontent-length: ${BODY.length - from}\r\naccept-ranges: bytes\r\netag: "1"\r\n\r\n`,
    );
    await write(connection, BODY.slice(from, from === 0 ? 30_000 : from < 60_000 ? from + 30_000 : undefined));
  });
  using c = client();
  const { bytes } = await c.http.get({ url: server.url });
  assert(text(bytes) === BODY, `${bytes.length} bytes`);
  assertEquals(ranges, ["", "30000", "60000"]);
  assert(stripMarks(c.report.warnings[0]).includes("; retrying from offset 30000 in"), c.report.warnings[0]);
  server.close();
});

Deno.test("HttpClient starts over where the server can't go on", async () => {
  let count = 0;
  const server = startRawServer(async (_, connection) => {
    await write(connection, `HTTP/1.1 200 OK\r\ncontent-length: ${BODY.length}\r\n\r\n`);
    await write(connection, ++count < 3 ? BODY.slice(0, 30_000) : BODY);
  });
  using c = client();
  assert(text((await c.http.get({ url: server.url })).bytes) === BODY);
  assertEquals(count, 3);
  server.close();
});

Deno.test("HttpClient gives up on bodies that always break off", async () => {
  const server = startRawServer(async (_, connection) => {
    await write(connection, `HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort`);
  });
  using c = client();
  const { message } = await failure(() => c.http.get({ url: server.url }));
  assert(message.endsWith("HTTP error 200 (curl error: Transferred a partial file)"), message);
  server.close();
});

Deno.test("HttpClient stops when it is told to", async () => {
  const server = startRawServer(async (_, connection) => void await connection.read(new Uint8Array(1)));
  using c = client();
  const abort = new AbortController();
  const promise = c.http.get({ url: server.url, signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await assertRejects(() => promise, DOMException, "aborted");
  server.close();
});

Deno.test("HttpClient stays off the network when offline", async () => {
  using c = client({ offline: true });
  assertEquals((await failure(() => c.http.get({ url: "http://example.invalid/" }))).code, "offline");
});
