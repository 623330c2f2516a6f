(derivation { name = "d"; system = "x"; builder = "b"; __impure = true; }).drvPath
