[ (builtins.toFile "e" "") (builtins.toFile "b" "é\n") ]
