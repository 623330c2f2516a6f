let a = 1; in let b = let inherit a; c = a; in c; in b
