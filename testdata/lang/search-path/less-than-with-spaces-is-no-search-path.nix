let a = 1; b = 2; in [ (a < b) (b > a) (a <b) ]
