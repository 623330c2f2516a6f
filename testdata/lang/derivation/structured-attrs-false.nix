(derivation { name = "d"; system = "x"; builder = "b"; __structuredAttrs = false; a = 1; }).drvPath
