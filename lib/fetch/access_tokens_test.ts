import { assertEquals } from "@std/assert";
import { findToken, tokenHeader } from "./access_tokens.ts";

const TOKENS = new Map([
  ["github.com", "host"],
  ["github.com/org", "org"],
  ["github.com/org/repo", "repo"],
  ["gitlab.example", "PAT:pat"],
]);

Deno.test("findToken() takes the longest prefix of whole components", () => {
  assertEquals(findToken(TOKENS, "github.com", "other/x"), "host");
  assertEquals(findToken(TOKENS, "github.com", "org/x"), "org");
  assertEquals(findToken(TOKENS, "github.com", "org/repo"), "repo");
  assertEquals(findToken(TOKENS, "github.com", "organisation/x"), "host");
  assertEquals(findToken(TOKENS, "example.com", "org/x"), undefined);
});

Deno.test("tokenHeader() puts tokens where each forge wants them", () => {
  const warnings: string[] = [];
  const header = (forge: "github" | "gitlab" | "sourcehut", token: string) =>
    tokenHeader(forge, token, (message) => warnings.push(message));
  assertEquals(header("github", "t"), ["Authorization", "token t"]);
  assertEquals(header("sourcehut", "t"), ["Authorization", "Bearer t"]);
  assertEquals(header("gitlab", "PAT:t"), ["Private-token", "t"]);
  assertEquals(header("gitlab", "OAuth2:t:u"), ["Authorization", "Bearer t:u"]);
  assertEquals(warnings, []);
  assertEquals(header("gitlab", "X-Odd:t"), ["X-Odd", "t"]);
  assertEquals(header("gitlab", "glpat-secret"), ["Private-token", "glpat-secret"]);
  assertEquals(warnings, ["Unrecognized GitLab token type X-Odd", "Unrecognized GitLab token type"]);
});
