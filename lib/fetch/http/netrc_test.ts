import { assertEquals } from "@std/assert";
import { findCredentials } from "./netrc.ts";

const FILE = `
# machine commented login no password no
machine a.example login alice password secret
macdef init
machine trap login x password y

machine b.example
  login bob # and a comment
  password "with \\"quotes\\" and blanks"
machine c.example password only
default login anonymous password guest
machine late.example login late password late
`;

Deno.test("findCredentials() finds the host's entry", () => {
  const table: [string, string, string][] = [
    ["a.example", "alice", "secret"],
    ["A.EXAMPLE", "alice", "secret"],
    ["b.example", "bob", 'with "quotes" and blanks'],
    ["c.example", "", "only"],
    ["trap", "anonymous", "guest"],
    ["commented", "anonymous", "guest"],
    ["late.example", "anonymous", "guest"],
  ];
  for (const [host, login, password] of table) assertEquals(findCredentials(FILE, { host }), { login, password }, host);
});

Deno.test("findCredentials() finds nothing in a file without the host", () => {
  assertEquals(findCredentials("machine a login b password c", { host: "d" }), undefined);
  assertEquals(findCredentials("", { host: "d" }), undefined);
});

Deno.test("findCredentials() finds the entry of a name", () => {
  const file =
    "machine h login a password 1\nmachine h login b password 2\nmachine h password 3\ndefault login c password 4";
  const passwordOf = (login: string) => findCredentials(file, { host: "h", login })?.password;
  assertEquals(["a", "b", "c", "d"].map(passwordOf), ["1", "2", "3", "3"]);
});

Deno.test("findCredentials() takes keywords in any case, and no file with half a quotation", () => {
  assertEquals(findCredentials("MACHINE h Login a PASSWORD b", { host: "h" }), { login: "a", password: "b" });
  assertEquals(findCredentials('machine h login a password "b', { host: "h" }), undefined);
});

Deno.test("findCredentials() leaves bytes alone that are blanks in other encodings", () => {
  const password = "\xc3\xa0\xc2\x85";
  assertEquals(findCredentials(`machine h login a password ${password}`, { host: "h" })?.password, password);
});
