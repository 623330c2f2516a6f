builtins.path { path = toString ./_files/file.txt; } == builtins.path { path = ./_files/file.txt; }
