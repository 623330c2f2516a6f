# test: stderr
(derivation { name = "x"; builder = "b"; system = "s"; outputs = throw "a"; }).outPath
