let x = 1; y = 2; s = { p = 3; q = 4; }; in { a = { inherit x; inherit (s) p; }; a = { inherit y; inherit (s) q; }; a.z = 5; }
