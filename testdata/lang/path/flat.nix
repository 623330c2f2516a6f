builtins.path { path = ./_files/file.txt; recursive = false; }
