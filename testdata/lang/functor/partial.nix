let f = { __functor = self: a: b: a + b; }; in map (f 1) [ 1 2 ]
