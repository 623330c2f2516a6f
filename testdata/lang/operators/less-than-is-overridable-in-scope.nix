let __lessThan = a: b: true; in [ (5 < 3) (3 > 5) (5 <= 3) (3 >= 5) ]
