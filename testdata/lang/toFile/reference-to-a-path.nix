builtins.toFile "x" "${./_files/source.txt}"
