builtins.groupBy (x: x) [ (builtins.toFile "f" "t") ]
