builtins.readFile ./_files/nul
