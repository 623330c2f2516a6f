# test: stderr
builtins.path { path = ./_files; sha256 = "sha9:00"; }
