builtins.path { path = ./_files/links; }
