builtins.readFile (derivation { name = "d"; system = "x"; builder = "b"; })
