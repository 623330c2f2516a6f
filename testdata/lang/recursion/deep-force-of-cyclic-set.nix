let s = { a = 1; inherit s; }; in builtins.deepSeq s s.s.s.a
