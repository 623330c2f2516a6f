import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { startRawServer, startServer, write } from "../_test_server.ts";
import { client, failure, startTlsServer, TLS } from "./_test_client.ts";

Deno.test("HttpClient says at once that it can't believe a server whose certificate is a CA's", async () => {
  const tls = startTlsServer(["self_signed.pem", "self_signed_key.pem"]);
  using c = client({ sslCertFile: fromFileUrl(new URL("self_signed.pem", TLS)) });
  const url = `https://localhost:${tls.port}/`;
  assertEquals(await failure(() => c.http.get({ url })), {
    code: "unsupported",
    message: `unable to download '${url}': the server's certificate is a CA's own, which is not supported`,
  });
  assertEquals(c.report.warnings, []);
  await tls.close();
});

Deno.test("HttpClient says that a proxy can't be used", async () => {
  using c = client({ env: { http_proxy: "foo://u:secret@p:1" } });
  const { message } = await failure(() => c.http.get({ url: "http://nowhere.invalid/" }));
  assertEquals(message, "unable to download 'http://nowhere.invalid/': Unsupported proxy scheme for 'foo://p:1'");
});

Deno.test("HttpClient refuses headers without end", async () => {
  const server = startRawServer(async (_, connection) => {
    await write(connection, "HTTP/1.1 200 OK\r\n");
    for (let i = 0; i < 1000; i++) await write(connection, `x-${i}: ${"a".repeat(10_000)}\r\n`);
  });
  using c = client();
  const { message } = await failure(() => c.http.get({ url: server.url }));
  assert(/head is too large/.test(message), message);
  server.close();
});

Deno.test("HttpClient says which host can't be reached", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  using c = client({ attempts: 1 });
  const refused = await failure(() => c.http.get({ url: `http://127.0.0.1:${port}/` }));
  assert(refused.message.includes("Could not connect to server (7)"), refused.message);
});

Deno.test("HttpClient hides secrets in messages", async () => {
  const server = startServer(() => new Response("", { status: 404 }));
  using c = client();
  const url = `${server.url.replace("http://", "http://user:secret@")}/x?private_token=secret&a=1`;
  const { message } = await failure(() => c.http.get({ url }));
  assert(!message.includes("secret"), message);
  assert(message.includes("a=1"), message);
  await server.close();
});

Deno.test("HttpClient says that it doesn't download from ports that `fetch` keeps away from", async () => {
  using c = client();
  const { code, message } = await failure(() => c.http.get({ url: "http://127.0.0.1:10080/" }));
  // Deno 2.6 knows no such ports.
  if (code === "network") return assert(message.includes("Could not connect to server"), message);
  assertEquals(code, "unsupported");
  assertEquals(
    message,
    "unable to download 'http://127.0.0.1:10080/': downloading from port 10080 is not supported",
  );
  assertEquals(c.report.warnings, []);
});
