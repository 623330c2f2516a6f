let o = 1; in let { inherit o; a.b = 2; a.c = 3; body = [ o a ]; }
