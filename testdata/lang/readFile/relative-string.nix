builtins.readFile "text.txt"
