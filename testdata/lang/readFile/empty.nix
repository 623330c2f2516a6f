builtins.readFile ./_files/empty
