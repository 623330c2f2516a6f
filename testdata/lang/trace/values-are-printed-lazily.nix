# test: stderr
builtins.trace { a = throw "not forced"; b = 1 + 1; } "done"
