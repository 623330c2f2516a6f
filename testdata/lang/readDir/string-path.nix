builtins.readDir (toString ./_files/directory)
