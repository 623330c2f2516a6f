let f = builtins.toFile "f" "t"; in [ (builtins.hasContext (builtins.unsafeDiscardStringContext f)) (builtins.unsafeDiscardStringContext f == f) ]
