# test: no-strict
builtins.foldl' (a: b: a ++ [ (b + 1) ]) [ ] [ 1 2 ]
