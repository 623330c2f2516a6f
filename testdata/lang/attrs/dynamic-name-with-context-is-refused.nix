{ ${builtins.toFile "f" "t"} = 1; }
