(derivation { name = "d"; system = "x"; builder = "b"; __contentAddressed = false; }).drvPath
