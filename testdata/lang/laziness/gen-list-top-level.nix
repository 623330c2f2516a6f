# test: no-strict
builtins.genList (x: x) 3
