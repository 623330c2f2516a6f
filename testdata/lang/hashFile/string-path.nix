builtins.hashFile "sha256" (toString ./_files/data.txt)
