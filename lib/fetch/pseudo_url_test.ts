import { assertEquals } from "@std/assert";
import { isPseudoUrl, resolvePseudoUrl } from "./pseudo_url.ts";

Deno.test("pseudo-URLs have a known scheme or name a channel", () => {
  const all = [
    "http://a",
    "https://a",
    "file:///a",
    "git://a",
    "s3://a",
    "ssh://a",
    "channel:a",
    "ftp://a",
    "a",
    "a:b",
  ];
  assertEquals(all.map(isPseudoUrl), [true, true, true, true, true, true, true, false, false, false]);
  assertEquals(resolvePseudoUrl("channel:nixos"), "https://channels.nixos.org/nixos/nixexprs.tar.xz");
  assertEquals(resolvePseudoUrl("http://a"), "http://a");
});
