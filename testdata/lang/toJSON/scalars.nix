map builtins.toJSON [ 1 (-1) 1.5 "s" true false null 1.0 100.0 1.0e100 0.1 ]
