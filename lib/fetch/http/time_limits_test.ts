import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { startProxy, startRawServer, startServer, write } from "../_test_server.ts";
import { client, failure, text, TLS } from "./_test_client.ts";

Deno.test("HttpClient gives up on servers that stall, before and amid the body", async () => {
  const server = startRawServer(async (head, connection) => {
    if (head.includes("/body")) await write(connection, `HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort`);
    await connection.read(new Uint8Array(1));
  });
  using c = client({ stalledTimeout: 0.2, attempts: 1 });
  for (const path of ["/head", "/body"]) {
    const { message } = await failure(() => c.http.get({ url: server.url + path }));
    assert(message.includes("Timeout was reached"), message);
  }
  server.close();
});

Deno.test("HttpClient doesn't count the time its reader takes", async () => {
  const server = startServer(() => new Response(new Uint8Array(10)));
  using c = client({ stalledTimeout: 0.1 });
  await c.http.download({ url: server.url }, async (body) => {
    for await (const _ of body) await new Promise((resolve) => setTimeout(resolve, 300));
  });
  await server.close();
});

Deno.test("HttpClient looks for the proxy, not for the server, when an answer is slow", async () => {
  const server = startServer(async () => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    return new Response("slow");
  });
  const proxy = startProxy(server.url);
  using c = client({ connectTimeout: 0.1, attempts: 1, env: { http_proxy: proxy.url } });
  // Only the proxy knows that name.
  assertEquals(text((await c.http.get({ url: "http://nowhere.invalid/" })).bytes), "slow");
  proxy.close();
  await server.close();
});

Deno.test("HttpClient counts shaking hands over TLS as connecting, but not what comes after", async () => {
  const silent = startRawServer(async (_, connection) => void await connection.read(new Uint8Array(1)));
  const [cert, key] = ["cert.pem", "key.pem"].map((name) => Deno.readTextFileSync(new URL(name, TLS)));
  const slow = Deno.serve({ hostname: "127.0.0.1", port: 0, cert, key, onListen() {} }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    return new Response("slow");
  });
  const sslCertFile = fromFileUrl(new URL("ca.pem", TLS));
  using c = client({ connectTimeout: 0.1, attempts: 1, sslCertFile });
  const { message } = await failure(() => c.http.get({ url: silent.url.replace("http:", "https:") }));
  assert(message.includes("Timeout was reached (28) Connection timed out after 100 milliseconds"), message);
  assertEquals(text((await c.http.get({ url: `https://localhost:${slow.addr.port}/` })).bytes), "slow");
  silent.close();
  await slow.shutdown();
});
