let s = { a = 1; me = s; }; in builtins.deepSeq s (s 1)
