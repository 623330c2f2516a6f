(derivation { name = "d"; system = "x"; builder = "b"; s = { a = 1; }; }).drvPath
