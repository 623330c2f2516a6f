let s = { "a b" = 1; or = 2; }; x = 3; in { inherit (s) "a b" or; inherit "x"; }
