builtins.path { path = ./_files/missing; }
