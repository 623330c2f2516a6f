builtins.hasContext (builtins.hashString "sha256" (builtins.toFile "f" "t"))
