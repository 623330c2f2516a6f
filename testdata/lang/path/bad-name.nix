builtins.path { path = ./_files/file.txt; name = "a b"; }
