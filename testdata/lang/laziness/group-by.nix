# test: no-strict
builtins.groupBy (x: "k") [ 1 (1 + 1) ]
