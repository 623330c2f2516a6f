(derivation { name = "d"; system = "x"; builder = "b"; outputs = "out"; }).outPath
