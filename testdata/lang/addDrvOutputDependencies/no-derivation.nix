builtins.addDrvOutputDependencies (builtins.toFile "f" "t")
