map builtins.pathExists [ ./_files/file.txt ./_files ./_files/missing ./missing/deeper /. ]
