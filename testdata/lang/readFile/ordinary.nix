builtins.readFile ./_files/text.txt
