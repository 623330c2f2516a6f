# test: stderr
(derivation { name = "x"; builder = "b"; system = throw "a"; }).outPath
