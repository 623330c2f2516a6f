(derivation { name = "d"; system = "x"; builder = "b"; s = throw "inside"; }).name
