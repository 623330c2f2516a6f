[ (builtins.mul 1.5 2) (builtins.mul 2 0.25) ]
