let mk = a: b: c: d: { sum = a + b + c + d; inner = e: a + e; }; in [ (mk 1 2 3 4).sum ((mk 1 2 3 4).inner 10) ]
