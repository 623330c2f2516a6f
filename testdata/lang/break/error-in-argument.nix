# test: stderr
builtins.break (throw "x")
