map (f: f 1) (map (a: b: a + b) [ 10 20 ])
