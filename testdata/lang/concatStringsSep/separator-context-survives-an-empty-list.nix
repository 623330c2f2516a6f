builtins.hasContext (builtins.concatStringsSep (builtins.toFile "f" "t") [ ])
