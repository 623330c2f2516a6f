builtins.mul 2 "a"
