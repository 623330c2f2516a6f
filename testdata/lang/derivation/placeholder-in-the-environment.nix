(derivation { name = "d"; system = "x"; builder = "b"; p = placeholder "out"; }).drvPath
