(derivation { name = "d"; system = "x"; builder = ./_files/arg.txt; src = builtins.toFile "f" "t"; p = "${./_files}"; }).drvPath
