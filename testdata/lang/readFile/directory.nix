builtins.readFile ./_files
