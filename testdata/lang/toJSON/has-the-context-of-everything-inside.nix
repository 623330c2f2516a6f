builtins.attrNames (builtins.getContext (builtins.toJSON { a = builtins.toFile "a" "t"; b = [ (builtins.toFile "b" "t") ]; }))
