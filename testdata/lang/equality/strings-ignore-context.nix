builtins.toFile "f" "t" == builtins.unsafeDiscardStringContext (builtins.toFile "f" "t")
