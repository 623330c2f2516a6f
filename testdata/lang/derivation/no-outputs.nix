(derivationStrict { name = "d"; system = "x"; builder = "b"; outputs = [ ]; }).drvPath
