map builtins.readFileType [ ./_files/regular.txt ./_files/directory ./_files/link ./_files/dangling /. ]
