(derivation { name = "d"; system = "x"; builder = "b"; __contentAddressed = true; }).drvPath
