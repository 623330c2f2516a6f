let s = { a = 1; b = [ 1 2 ]; }; in builtins.deepSeq s (s 1)
