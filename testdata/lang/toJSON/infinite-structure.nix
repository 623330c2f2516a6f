let s = { me = s; }; in builtins.toJSON s
