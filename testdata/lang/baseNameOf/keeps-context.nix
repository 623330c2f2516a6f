builtins.hasContext (baseNameOf "${builtins.toFile "f" "t"}")
