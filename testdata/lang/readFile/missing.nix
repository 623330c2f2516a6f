builtins.readFile ./_files/missing
