builtins.readDir ./_files
