let f = x: x * 2; in [ (f 1 + f 2) (f 2 * f 3) (-f 3) (!(x: x) true) ]
