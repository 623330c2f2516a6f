map builtins.ceil [ 1.2 1.0 (-1.2) 3 0.0001 (-0.5) ]
