map toString [ 1 (-1) 0 "s" true false null 1.5 ]
