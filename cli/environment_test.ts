import { assertEquals, assertThrows } from "@std/assert";
import { NixError } from "../mod.ts";
import { type HomeHost, homeOf } from "./environment.ts";
import { knownHome } from "./setup.ts";

const USERS = "root:x:0:0:root:/root:/bin/sh\nme:x:1000:100:Me,,:/home/me:/bin/sh\n";

type Host = Omit<HomeHost, "env">;

function host(owners: Readonly<Record<string, number>>, uid = 1000, users = USERS): Host {
  return {
    owner: (path) => owners[path],
    uid: () => uid,
    users: () => users,
  };
}

function home(value: string | undefined, from: Host) {
  return homeOf({ ...from, env: (name) => name === "HOME" ? value : undefined });
}

Deno.test("homeOf() is HOME where that is the user's, or isn't there", () => {
  assertEquals(home("/h", host({ "/h": 1000 })), { path: "/h" });
  assertEquals(home("/nowhere", host({})), { path: "/nowhere" });
  assertEquals(home("", host({})), { path: "" });
});

Deno.test("homeOf() is that of the user database where HOME isn't set", () => {
  assertEquals(home(undefined, host({})), { path: "/home/me" });
  assertEquals(home(undefined, host({}, 0)), { path: "/root" });
});

Deno.test("homeOf() is that of the user database where HOME is somebody else's, and says so", () => {
  assertEquals(home("/home/me", host({ "/home/me": 1000 }, 0)), {
    path: "/root",
    warning: "$HOME ('/home/me') is not owned by you, falling back to the one defined in the 'passwd' file ('/root')",
  });
  // Not even the database knows a better one.
  assertEquals(home("/root", host({ "/root": 1000 }, 0)), { path: "/root" });
  const closed = {
    ...host({}),
    owner: () => {
      throw new Deno.errors.PermissionDenied();
    },
  };
  assertEquals(home("/locked/h", closed).path, "/home/me");
});

Deno.test("homeOf() is HOME, if anything, where the user database doesn't know the user", () => {
  assertEquals(home("/app", host({ "/app": 0 }, 4711)), { path: "/app" });
  assertEquals(home(undefined, host({}, 4711)), { path: undefined });
  const none = {
    ...host({ "/app": 0 }, 4711),
    users: () => {
      throw new Deno.errors.NotFound();
    },
  };
  assertEquals(home("/app", none), { path: "/app" });
});

Deno.test("without a home ~ is an error, as for C++ Nix", () => {
  assertEquals([knownHome("/h"), knownHome("")], ["/h", ""]);
  assertThrows(() => knownHome(undefined), NixError, "cannot determine user's home directory");
});
