builtins.readDir ./_files/regular.txt
