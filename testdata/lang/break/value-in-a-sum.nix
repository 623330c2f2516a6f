builtins.break (1 + 1) + 1
