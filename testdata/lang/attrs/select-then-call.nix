let s = { f = x: y: x + y; a.g = z: z; }; in [ (s.f 1 2) (s.a.g "v") (map s.a.g [ 1 ]) ]
