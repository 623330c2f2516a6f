let a = b; b = let b = 2; in b; in a
