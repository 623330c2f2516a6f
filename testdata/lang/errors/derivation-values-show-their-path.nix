1 + (derivation { name = "d"; system = "x"; builder = "b"; })
