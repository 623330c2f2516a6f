[ (builtins.nope or "default") (builtins ? map) (builtins ? nope) ]
