[ (builtins.isFloat 1.0) (builtins.isFloat (1 + 0.0)) (builtins.isFloat (builtins.floor 1.5)) ]
