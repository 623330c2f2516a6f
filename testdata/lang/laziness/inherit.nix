# test: no-strict
let a = 1; b = 1 + 1; s = { c = 1; d = 1 + 1; }; in { inherit a b; inherit (s) c d; }
