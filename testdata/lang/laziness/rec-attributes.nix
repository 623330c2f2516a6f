# test: no-strict
rec { a = 1; b = a; c = [ a b ]; d = rec { e = a; }; }
