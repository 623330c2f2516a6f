let f = x: rec { y = x; z = y + x; x' = x; }; in f 2
