builtins.path { path = ./_files/file.txt; name = "f"; filter = p: t: throw "not called"; }
