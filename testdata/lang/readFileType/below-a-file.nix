builtins.readFileType ./_files/regular.txt/below
