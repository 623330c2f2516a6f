map builtins.floor [ 1.8 1.0 (-1.2) 3 0.9999 (-0.5) ]
