builtins.hasContext (toString [ 1 (builtins.toFile "f" "t") ])
