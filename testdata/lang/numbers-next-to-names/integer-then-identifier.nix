let a = x: x; in [ (a 1) 1 a ]
