builtins.path { path = ./_files/file.txt; name = "f"; filter = throw "forced"; }
