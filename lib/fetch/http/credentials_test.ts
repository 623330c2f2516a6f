import { assertEquals } from "@std/assert";
import { startServer } from "../_test_server.ts";
import { client, text } from "./_test_client.ts";

Deno.test("HttpClient takes credentials from netrc", async () => {
  const netrcFile = await Deno.makeTempFile();
  await Deno.writeTextFile(netrcFile, "machine 127.0.0.1 login a password b");
  const server = startServer((request) => new Response(request.headers.get("authorization")));
  using c = client({ netrcFile });
  assertEquals(text((await c.http.get({ url: server.url })).bytes), `Basic ${btoa("a:b")}`);
  await server.close();
  await Deno.remove(netrcFile);
});

Deno.test("HttpClient takes credentials for an IPv6 address from netrc", async () => {
  const netrcFile = await Deno.makeTempFile();
  await Deno.writeTextFile(netrcFile, "machine ::1 login a password b");
  const server = Deno.serve(
    { hostname: "::1", port: 0, onListen() {} },
    (request) => new Response(request.headers.get("authorization")),
  );
  using c = client({ netrcFile });
  const { bytes } = await c.http.get({ url: `http://[::1]:${server.addr.port}` });
  assertEquals(text(bytes), `Basic ${btoa("a:b")}`);
  await server.shutdown();
  await Deno.remove(netrcFile);
});

Deno.test("HttpClient sends bytes and stray percent signs of credentials as they are", async () => {
  const netrcFile = await Deno.makeTempFile();
  await Deno.writeTextFile(netrcFile, "machine 127.0.0.1 login c password d machine 127.0.0.1 login z password \u00e0");
  const server = startServer((request) => new Response(request.headers.get("authorization")));
  using c = client({ netrcFile });
  for (
    const [user, sent] of [
      ["a:b%ff", "a:b\xff"],
      ["a:100%25", "a:100%"],
      ["a:b%zz", "a:b%zz"],
      ["a:%", "a:%"],
      // Whose password is in the file.
      ["z", "z:\xc3\xa0"],
      ["x", "x:"],
      ["c:e", "c:e"],
    ]
  ) {
    const { bytes } = await c.http.get({ url: server.url.replace("//", `//${user}@`) });
    assertEquals(text(bytes), `Basic ${btoa(sent)}`, user);
  }
  await server.close();
  await Deno.remove(netrcFile);
});
