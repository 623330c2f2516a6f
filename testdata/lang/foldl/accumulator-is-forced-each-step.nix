builtins.foldl' (a: b: if b == 1 then throw "step" else 0) 0 [ 1 2 ]
