builtins.path { path = ./_files/tree; recursive = false; }
