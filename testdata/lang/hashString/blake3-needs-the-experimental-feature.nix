builtins.hashString "blake3" "a"
