# test: no-strict
builtins.concatMap (x: [ x (x + 1) ]) [ 1 (1 + 1) ]
