let p = ./_files/file.txt; in
builtins.path { path = p; recursive = false; sha256 = builtins.hashFile "sha256" p; } == builtins.path { path = p; recursive = false; }
