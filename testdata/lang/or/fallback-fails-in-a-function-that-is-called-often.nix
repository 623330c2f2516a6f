# test: stderr
let
  a = { b = { }; };
  f = n: 1 + (a.b.c or (if n < 1000 then n else a.b.c.d or (2 * a.b)));
in
builtins.foldl' (sum: n: sum + f n) 0 (builtins.genList (n: n) 1001)
