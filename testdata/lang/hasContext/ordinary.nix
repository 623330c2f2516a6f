[ (builtins.hasContext "a") (builtins.hasContext (builtins.toFile "f" "t")) (builtins.hasContext "x${builtins.toFile "f" "t"}") ]
