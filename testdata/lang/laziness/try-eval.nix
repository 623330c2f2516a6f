# test: no-strict
builtins.tryEval [ (1 + 1) ]
