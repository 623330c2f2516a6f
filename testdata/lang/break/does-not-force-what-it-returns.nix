1 < builtins.break (1 + 1)
