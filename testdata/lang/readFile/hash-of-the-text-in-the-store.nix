builtins.toFile "copy" (builtins.readFile ./_files/text.txt)
