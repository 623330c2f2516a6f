[ (builtins.isString (toString 1)) (builtins.isString (builtins.toFile "f" "t")) ]
