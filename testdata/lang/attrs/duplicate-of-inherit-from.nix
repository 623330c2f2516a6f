let s = { a = 1; }; in { a = 1; inherit (s) a; }
