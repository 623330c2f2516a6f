builtins.toFile "f" "t"
