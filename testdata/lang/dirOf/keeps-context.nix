builtins.getContext (dirOf "${builtins.toFile "f" "t"}/x") == builtins.getContext (builtins.toFile "f" "t")
