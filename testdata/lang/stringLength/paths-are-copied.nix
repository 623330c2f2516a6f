builtins.stringLength ./_files/a.txt
