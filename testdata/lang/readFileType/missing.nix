builtins.readFileType ./_files/missing
