let __sub = a: b: "sub"; in [ (5 - 3) (-3) ]
