builtins.pathExists "file.txt"
