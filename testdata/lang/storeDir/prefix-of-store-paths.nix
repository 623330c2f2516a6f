builtins.substring 0 (builtins.stringLength builtins.storeDir) (builtins.toFile "f" "t") == builtins.storeDir
