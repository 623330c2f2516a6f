# test: option extra-experimental-features flakes
builtins.flakeRefToString { "if" = -1; }
