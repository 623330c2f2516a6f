# test: option extra-experimental-features flakes
builtins.flakeRefToString { "a b" = { }; }
