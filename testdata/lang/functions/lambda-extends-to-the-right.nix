let f = x: x + 1; in [ (f 1) ((x: x * 2 + 1) 3) ]
