# test: no-strict
with { a = 1 + 1; }; { b = a; c = [ a ]; }
