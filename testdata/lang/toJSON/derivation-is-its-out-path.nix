builtins.toJSON (derivation { name = "d"; system = "x"; builder = "b"; })
