# test: no-strict
derivation { name = "d"; system = "x"; builder = "b"; }
