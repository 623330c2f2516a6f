let named = x: x; in 1 + named
