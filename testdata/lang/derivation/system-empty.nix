(derivation { name = "d"; system = ""; builder = "b"; }).drvPath
