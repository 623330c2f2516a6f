let s.or = 5; in { inherit (s) or; }
