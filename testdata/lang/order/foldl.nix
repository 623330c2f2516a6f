# test: stderr
builtins.foldl' (a: b: builtins.trace "fold ${toString b}" (a + b)) 0 [ 1 2 3 ]
