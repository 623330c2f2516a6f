import { assert, assertEquals } from "@std/assert";
import { startServer } from "../_test_server.ts";
import { client, failure, text } from "./_test_client.ts";

Deno.test("HttpClient refuses redirects to files and loops", async () => {
  const server = startServer((_, path) => {
    const location = path === "/file" ? "file:///etc/passwd" : path === "/ftp" ? "ftp://x/y" : "/loop";
    return new Response(null, { status: 302, headers: { location } });
  });
  using c = client();
  const file = await failure(() => c.http.get({ url: `${server.url}/file` }));
  assert(file.message.includes('Protocol "file" disabled in followed redirect'), file.message);
  assert((await failure(() => c.http.get({ url: `${server.url}/ftp` }))).message.includes('Protocol "ftp"'));
  const before = server.requests.length;
  const loop = await failure(() => c.http.get({ url: `${server.url}/loop` }));
  assert(loop.message.endsWith("HTTP error 302 (curl error: Number of redirects hit maximum amount)"), loop.message);
  assertEquals(server.requests.length - before, 11);
  assertEquals(c.report.warnings, []);
  await server.close();
});

Deno.test("HttpClient takes only the protocols it knows", async () => {
  using c = client();
  for (const url of ["s3://bucket/x", "FTP://127.0.0.1/x"]) {
    assertEquals((await failure(() => c.http.get({ url }))).code, "unsupported");
  }
  const server = startServer(() => new Response("hello"));
  assertEquals(text((await c.http.get({ url: server.url.replace("http", "HTTP") })).bytes), "hello");
  await server.close();
  const foo = await failure(() => c.http.get({ url: "foo://x/y" }));
  assertEquals(foo.message, `unable to download 'foo://x/y': Unsupported protocol (1) Protocol "foo" not supported`);
  assertEquals(
    (await failure(() => c.http.get({ url: "/etc/passwd" }))).message,
    "URL '/etc/passwd' doesn't have a scheme",
  );
});
