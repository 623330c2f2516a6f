builtins.path { path = ./_files/tree; name = "t"; filter = p: t: false; }
