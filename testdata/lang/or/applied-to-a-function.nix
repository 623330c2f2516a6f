let or = x: x * 2; f = g: g 21; in f or
