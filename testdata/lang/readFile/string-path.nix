builtins.readFile (toString ./_files/text.txt) == builtins.readFile ./_files/text.txt
