(derivation { name = builtins.toFile "f" "t"; system = "x"; builder = "b"; }).drvPath
