# test: stderr
let
  step = v: n:
    if n < 1 then v - n else step v (n - 1);
in
map (v: step v 2000) (map builtins.head [ [ ] ])
