builtins.hasContext (builtins.readFile ./_files/text.txt)
