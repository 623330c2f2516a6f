(derivation { name = "d"; system = "x"; builder = "b"; args = "-c"; }).drvPath
