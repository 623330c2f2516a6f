# test: no-strict
builtins.sort builtins.lessThan [ (1 + 1) 1 ]
