builtins.foldl' (acc: n: acc // { ${"k${toString n}"} = n; }) { } [ 3 1 2 5 4 9 8 7 6 10 ]
