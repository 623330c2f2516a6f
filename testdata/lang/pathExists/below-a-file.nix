builtins.pathExists ./_files/file.txt/below
