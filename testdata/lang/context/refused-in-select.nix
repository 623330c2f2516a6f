let f = builtins.toFile "f" "1"; in { }.${f}
