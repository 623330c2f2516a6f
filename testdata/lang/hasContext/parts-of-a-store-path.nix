let f = builtins.toFile "f" "x"; in map builtins.hasContext [ f (builtins.substring 0 0 f) (builtins.unsafeDiscardStringContext f) (dirOf f) (baseNameOf f) "" ]
