let d = n: derivation { name = n; system = "x"; builder = "b"; }; in [ (d "a" == d "a") (d "a" == d "b") (d "a" == (d "a").out) ]
