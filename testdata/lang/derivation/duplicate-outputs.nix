(derivationStrict { name = "d"; system = "x"; builder = "b"; outputs = [ "out" "out" ]; }).drvPath
