builtins.path { path = ./_files/tree; filter = p: t: 1; }
