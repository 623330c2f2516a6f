builtins.readFileType (toString ./_files/regular.txt)
