let f = x: x + 1; s = { a = f; }; in [ (s.a 1) (s.b or f 1) (s.b or (x: "d") 1) ]
