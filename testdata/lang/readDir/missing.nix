builtins.readDir ./_files/missing
