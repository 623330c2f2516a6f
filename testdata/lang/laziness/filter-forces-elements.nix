# test: no-strict
builtins.filter (x: x > 1) [ (1 + 1) 1 3 ]
