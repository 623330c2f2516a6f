let 1a = 2; in 1a
