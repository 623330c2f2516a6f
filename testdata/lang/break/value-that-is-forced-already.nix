1 < builtins.break 2
