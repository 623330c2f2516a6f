# test: no-strict
builtins.filter (x: true) [ (1 + 1) 1 ]
