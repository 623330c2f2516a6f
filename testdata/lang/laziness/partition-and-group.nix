# test: no-strict
builtins.partition (x: x > 1) [ 1 (1 + 1) ]
