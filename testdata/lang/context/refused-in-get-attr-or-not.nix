builtins.getAttr (builtins.toFile "f" "1") { }
