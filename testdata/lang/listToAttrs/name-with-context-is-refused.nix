builtins.listToAttrs [ { name = builtins.toFile "f" "t"; value = 1; } ]
