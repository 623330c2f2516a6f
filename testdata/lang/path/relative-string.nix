builtins.path { path = "file.txt"; }
