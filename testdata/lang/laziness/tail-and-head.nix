# test: no-strict
builtins.tail [ 1 (1 + 1) 3 ]
