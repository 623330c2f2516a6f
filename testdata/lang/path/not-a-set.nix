builtins.path ./_files/file.txt
