import { assertEquals, assertThrows } from "@std/assert";
import { listNar, printNarListing } from "./nar_listing.ts";
import { narBytes, treeSource } from "./nar.ts";
import { utf8ToBinary } from "./bytes.ts";
import { NarError } from "./errors.ts";
import { testTree } from "./_test_tree.ts";

Deno.test("printNarListing gives the .ls file that Nix writes into a cache", () => {
  const nar = narBytes(treeSource(testTree({ latin1: false })), "");
  assertEquals(
    printNarListing(listNar(nar)),
    utf8ToBinary(
      '{"root":{"entries":{"Z":{"entries":{"l":{"target":"nowhere","type":"symlink"}},"type":"directory"},' +
        '"a":{"narOffset":592,"size":3,"type":"regular"},"d":{"entries":{"e":{"entries":{' +
        '"eight":{"narOffset":1056,"size":8,"type":"regular"},"none":{"narOffset":1248,"size":0,"type":"regular"}},' +
        '"type":"directory"},"l":{"target":"../a","type":"symlink"},' +
        '"x":{"executable":true,"narOffset":1688,"size":10,"type":"regular"},' +
        '"é":{"narOffset":1888,"size":1,"type":"regular"}},"type":"directory"},' +
        '"d ":{"narOffset":2112,"size":0,"type":"regular"},"d-":{"narOffset":2296,"size":0,"type":"regular"},' +
        '"d.x":{"entries":{},"type":"directory"},"empty":{"entries":{},"type":"directory"}},"type":"directory"},' +
        '"version":1}',
    ),
  );
});

Deno.test("listNar lists a single file", () => {
  const nar = narBytes(treeSource({ type: "symlink", target: "t" }), "");
  assertEquals(listNar(nar), { type: "symlink", target: "t" });
});

Deno.test("printNarListing refuses names that aren't UTF-8", () => {
  const listing = listNar(narBytes(treeSource(testTree({ latin1: true })), ""));
  assertThrows(() => printNarListing(listing), NarError, 'Cannot print NAR listing: "caf\xe9" is not UTF-8');
});
