import { assertEquals } from "@std/assert";
import { startServer } from "../_test_server.ts";
import { client, failure, text } from "./_test_client.ts";

Deno.test("HttpClient follows redirects and reports them, with immutable links", async () => {
  const server = startServer((_, path) => {
    if (path === "/a") {
      return new Response(null, { status: 302, headers: { location: "/b", link: '<http://x/y>; rel="immutable"' } });
    }
    if (path === "/b") return new Response(null, { status: 308, headers: { location: "c?x=1" } });
    return new Response("there");
  });
  using c = client();
  const { answer, bytes } = await c.http.get({ url: `${server.url}/a` });
  assertEquals(text(bytes), "there");
  assertEquals(answer.urls, ["/a", "/b", "/c?x=1"].map((path) => server.url + path));
  assertEquals(answer.immutableUrl, "http://x/y");
  await server.close();
});

Deno.test("HttpClient takes the immutable link among several", async () => {
  const link = '<http://x/a>; rel="next", <http://x/b>; rel="immutable"';
  const server = startServer(() => new Response("x", { headers: { link } }));
  using c = client();
  assertEquals((await c.http.get({ url: server.url })).answer.immutableUrl, "http://x/b");
  await server.close();
});

Deno.test("HttpClient sends credentials only where they belong", async () => {
  const seen: (string | null)[][] = [];
  const note = (request: Request) => {
    seen.push([request.headers.get("authorization"), request.headers.get("private-token")]);
  };
  const other = startServer((request) => {
    note(request);
    return new Response("ok");
  });
  const server = startServer((request, path) => {
    note(request);
    const location = path === "/away" ? `${other.url}/x` : "/here";
    return path === "/here" ? new Response("ok") : new Response(null, { status: 302, headers: { location } });
  });
  using c = client();
  const headers = [["Private-token", "secret"]] as const;
  await c.http.get({ url: `${server.url}/stay`, headers });
  assertEquals(seen.splice(0), [[null, "secret"], [null, "secret"]]);
  await c.http.get({ url: `${server.url}/away`, headers });
  assertEquals(seen.splice(0), [[null, "secret"], [null, null]]);
  const withUser = server.url.replace("http://", "http://us%40er:p%3aw@");
  const { answer } = await c.http.get({ url: `${withUser}/away` });
  assertEquals(seen.splice(0), [[`Basic ${btoa("us@er:p:w")}`, null], [null, null]]);
  assertEquals(answer.urls[1], `${other.url}/x`);
  await server.close();
  await other.close();
});

Deno.test("HttpClient refuses to believe that nothing has changed if it didn't ask", async () => {
  const server = startServer(() => new Response(null, { status: 304 }));
  using c = client();
  const { message } = await failure(() => c.http.get({ url: server.url }));
  assertEquals(
    message,
    `unable to download '${server.url}': HTTP error 304 (nothing has changed, which nobody asked)`,
  );
  assertEquals(server.requests.length, 1);
  await server.close();
});
