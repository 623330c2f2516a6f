map builtins.pathExists [ (toString ./_files/file.txt) "${toString ./_files}/" "${toString ./_files/file.txt}/" "${toString ./_files}/." "${toString ./_files/file.txt}/." ]
