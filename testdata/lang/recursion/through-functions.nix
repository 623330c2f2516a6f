let f = x: g x; g = x: y; y = f 1; in y
