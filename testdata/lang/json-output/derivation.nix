# test: json
derivation { name = "d"; system = "x"; builder = "b"; }
