builtins.path { path = ./_files/tree; }
