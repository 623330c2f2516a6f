(derivation { name = "d"; system = "x"; builder = 1; }).drvPath
