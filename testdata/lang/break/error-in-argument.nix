builtins.break (throw "x")
