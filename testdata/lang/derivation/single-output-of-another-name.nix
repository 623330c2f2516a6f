(derivation { name = "d"; system = "x"; builder = "b"; outputs = [ "lib" ]; }).outPath
