builtins.path { path = ./_files/script; }
