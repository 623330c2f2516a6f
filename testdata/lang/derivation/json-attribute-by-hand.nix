(derivation { name = "d"; system = "x"; builder = "b"; __json = "{\"a\":1}"; }).drvPath
