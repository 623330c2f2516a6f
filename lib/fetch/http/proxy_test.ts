import { assertEquals, assertThrows } from "@std/assert";
import { proxyFor } from "./proxy.ts";

const P = "http://proxy:1";

// What C++ Nix 2.34 does, with its curl 8.23.
const VARIABLES: readonly [env: Record<string, string>, url: string, proxy: string | undefined][] = [
  [{}, "http://h/", undefined],
  [{ http_proxy: P }, "http://h/", "proxy"],
  [{ http_proxy: P }, "https://h/", undefined],
  [{ HTTP_PROXY: P }, "http://h/", undefined],
  [{ HTTPS_PROXY: P }, "https://h/", "proxy"],
  [{ HTTPS_PROXY: "http://upper", https_proxy: P }, "https://h/", "proxy"],
  [{ HTTPS_PROXY: P, https_proxy: "" }, "https://h/", "proxy"],
  [{ ALL_PROXY: P }, "http://h/", "proxy"],
  [{ all_proxy: P }, "https://h/", "proxy"],
  [{ all_proxy: "http://all", http_proxy: P }, "http://h/", "proxy"],
  [{ all_proxy: P, http_proxy: "" }, "http://h/", "proxy"],
  [{ http_proxy: P, no_proxy: "h" }, "http://h/", undefined],
  [{ http_proxy: P, no_proxy: "", NO_PROXY: "h" }, "http://h/", undefined],
  [{ http_proxy: P, no_proxy: "x", NO_PROXY: "h" }, "http://h/", "proxy"],
];

Deno.test("proxyFor() reads the variables as curl does", () => {
  for (const [env, url, proxy] of VARIABLES) {
    assertEquals(proxyFor(new URL(url), env)?.host, proxy, JSON.stringify([env, url]));
  }
});

const EXEMPT: readonly [list: string, host: string, exempt: boolean][] = [
  ["*", "h.test", true],
  [" * ", "h.test", false],
  ["a,*", "h.test", false],
  ["H.TEST", "h.test", true],
  ["x h.test", "h.test", true],
  ["x, h.test", "h.test", true],
  ["x,,h.test,", "h.test", true],
  ["x;h.test", "h.test", false],
  ["x\nh.test", "h.test", false],
  [".test", "h.test", true],
  ["test", "h.test", true],
  ["est", "h.test", false],
  ["*.test", "h.test", false],
  ["h.test.", "h.test", true],
  ["h.test", "h.test.", true],
  ["..h.test", "h.test", false],
  ["h.test..", "h.test", false],
  ["h.test:80", "h.test", false],
  ["127.0.0.5", "127.0.0.5", true],
  [".127.0.0.5", "127.0.0.5", false],
  ["127.0.0.5.", "127.0.0.5", false],
  ["0.0.5", "127.0.0.5", false],
  ["127.0.0.0/8", "127.0.0.5", true],
  ["127.0.0.0/30", "127.0.0.5", false],
  ["127.0.0.0/33", "127.0.0.5", false],
  ["127.0.0.0/0", "127.0.0.5", false],
  ["127.0.0.0/x", "127.0.0.5", false],
  ["::1", "[::1]", true],
  ["[::1]", "[::1]", false],
  ["0:0:0:0:0:0:0:1", "[::1]", true],
  ["::/64", "[::1]", true],
  ["1::/64", "[::1]", false],
  ["::/0", "[::1]", false],
];

Deno.test("proxyFor() finds hosts in no_proxy as curl does", () => {
  for (const [no_proxy, host, exempt] of EXEMPT) {
    const proxy = proxyFor(new URL(`http://${host}/`), { http_proxy: P, no_proxy });
    assertEquals(proxy === undefined, exempt, `${host} in ${JSON.stringify(no_proxy)}`);
  }
});

Deno.test("proxyFor() reads a proxy's scheme, place and credentials", () => {
  const none = undefined;
  for (
    const [text, scheme, host, port, credentials] of [
      ["p:1", "http", "p", 1, none],
      ["p", "http", "p", 1080, none],
      ["https://p/", "https", "p", 443, none],
      ["HTTP://p:2/x?y", "http", "p", 2, none],
      ["socks5h://[::1]:3", "socks5h", "::1", 3, none],
      ["http://u:p@h:4", "http", "h", 4, ["u", "p"]],
      ["u:p@h:4", "http", "h", 4, ["u", "p"]],
      ["http://u@h:4", "http", "h", 4, ["u", ""]],
      ["http://:p@h:4", "http", "h", 4, ["", "p"]],
      ["http://u%40:p%zz@h:4", "http", "h", 4, ["u@", "p%zz"]],
    ] as const
  ) {
    assertEquals(proxyFor(new URL("http://x/"), { http_proxy: text }), {
      scheme,
      host,
      port,
      credentials: credentials && { login: credentials[0], password: credentials[1] },
    }, text);
  }
});

Deno.test("proxyFor() says which proxy can't be used, without its password", () => {
  const refused = (http_proxy: string) =>
    assertThrows(() => proxyFor(new URL("http://x/"), { http_proxy }), Error).message;
  assertEquals(refused("foo://u:secret@p:1"), "Unsupported proxy scheme for 'foo://p:1'");
  assertEquals(refused("http://u:secret@p:x"), "Unsupported proxy syntax in 'p:x'");
  assertEquals(refused("http://u:sec/ret@p:1"), "Unsupported proxy syntax in ''");
});
