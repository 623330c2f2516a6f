import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { startProxy, startRawServer, startServer, write } from "../_test_server.ts";
import { client, SETTINGS, startTlsServer, text, TLS } from "./_test_client.ts";

Deno.test("HttpClient tells a proxy who one is, and no server", async () => {
  const plain = startServer(() => new Response("origin"));
  const tls = startTlsServer();
  const proxies = [startProxy(plain.url), startProxy(`http://127.0.0.1:${tls.port}`)];
  const http_proxy = proxies[0].url.replace("//", "//u:s@");
  const https_proxy = proxies[1].url.replace("//", "//u:s%ff@");
  const sslCertFile = fromFileUrl(new URL("ca.pem", TLS));
  using c = client({ sslCertFile, attempts: 1, env: { http_proxy, https_proxy } });
  await c.http.get({ url: "http://nowhere.invalid/" });
  for (let i = 0; i < 2; i++) {
    assertEquals(text((await c.http.get({ url: `https://localhost:${tls.port}/` })).bytes), "origin");
  }
  const sent = (head: string) => /proxy-authorization: (.*)\r/i.exec(head)?.[1];
  assertEquals(sent(proxies[0].heads[0]), `Basic ${btoa("u:s")}`);
  assertEquals(sent(proxies[1].heads[0]), `Basic ${btoa("u:s\xff")}`);
  assertEquals(tls.seen, [null, null]);
  c.http.close();
  for (const proxy of proxies) proxy.close();
  await tls.close();
  await plain.close();
});

Deno.test("HttpClient connects to servers in no_proxy by itself, whatever Deno makes of the environment", async () => {
  // One that takes no requests that are meant for proxies.
  const targets: string[] = [];
  const plain = startRawServer(async (head, connection) => {
    targets.push(head.split("\r\n")[0]);
    await write(connection, "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\norigin");
  });
  const six = Deno.serve({ hostname: "::1", port: 0, onListen: () => {} }, () => new Response("origin"));
  const tls = startTlsServer();
  const urls = [`${plain.url}/f`, `http://[::1]:${six.addr.port}/`, `https://localhost:${tls.port}/`];
  // Deno reads its variables when a client is made: a process of its own.
  const code = `
    import { HttpClient } from ${JSON.stringify(new URL("./client.ts", import.meta.url).href)};
    import { SILENT_REPORT } from ${JSON.stringify(new URL("../report.ts", import.meta.url).href)};
    const settings = { ...${
    JSON.stringify({ ...SETTINGS, sslCertFile: fromFileUrl(new URL("ca.pem", TLS)), attempts: 1 })
  },
      env: Deno.env.toObject() };
    const http = new HttpClient(settings, SILENT_REPORT);
    for (const url of ${JSON.stringify(urls)}) {
      console.log(new TextDecoder().decode((await http.get({ url })).bytes));
    }`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `data:application/typescript,${encodeURIComponent(code)}`],
    env: {
      http_proxy: "http://127.0.0.1:9",
      https_proxy: "http://127.0.0.1:9",
      // Deno takes that for one name.
      no_proxy: "localhost 127.0.0.1 ::1",
    },
  }).output();
  assertEquals(text(stdout), "origin\n".repeat(3), text(stderr));
  assertEquals(targets, ["GET /f HTTP/1.1"]);
  assertEquals(tls.seen, [null]);
  await tls.close();
  await six.shutdown();
  plain.close();
});
