builtins.path { path = ./_files/links/to-file; name = "linked"; }
