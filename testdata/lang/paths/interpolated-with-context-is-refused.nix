./${builtins.toFile "f" "t"}
