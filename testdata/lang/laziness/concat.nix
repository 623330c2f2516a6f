# test: no-strict
[ (1 + 1) ] ++ [ 2 ] ++ builtins.concatLists [ [ (3 + 3) ] [ 4 ] ]
