(derivation { name = "d"; builder = "b"; }).drvPath
