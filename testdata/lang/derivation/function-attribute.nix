(derivation { name = "d"; system = "x"; builder = "b"; f = x: x; }).drvPath
