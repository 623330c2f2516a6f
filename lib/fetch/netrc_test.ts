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
  for (const [host, login, password] of table) assertEquals(findCredentials(FILE, host), { login, password }, host);
});

Deno.test("findCredentials() finds nothing in a file without the host", () => {
  assertEquals(findCredentials("machine a login b password c", "d"), undefined);
  assertEquals(findCredentials("", "d"), undefined);
});
