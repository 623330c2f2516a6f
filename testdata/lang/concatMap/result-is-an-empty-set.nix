# test: stderr
builtins.concatMap (x:
  { }
) [ 1 ]
