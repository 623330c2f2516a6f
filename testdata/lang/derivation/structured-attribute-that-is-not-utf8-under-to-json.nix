# test: stderr
builtins.toJSON (derivation { name = "x"; system = "s"; builder = "b"; __structuredAttrs = true; "kÿ" = 1; })
