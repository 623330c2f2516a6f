(derivation { name = "d"; system = "x"; }).drvPath
