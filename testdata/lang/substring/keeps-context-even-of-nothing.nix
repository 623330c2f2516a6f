map builtins.hasContext [ (builtins.substring 0 3 (builtins.toFile "f" "t")) (builtins.substring 0 0 (builtins.toFile "f" "t")) ]
