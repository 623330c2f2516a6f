let s = { me = s; list = [ s ]; }; in builtins.deepSeq s "done"
