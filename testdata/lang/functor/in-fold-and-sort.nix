[ (builtins.foldl' { __functor = _: a: b: a + b; } 0 [ 1 2 3 ]) (builtins.sort { __functor = _: a: b: a > b; } [ 1 3 2 ]) ]
