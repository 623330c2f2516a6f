builtins.warn { a = 1; } 1
