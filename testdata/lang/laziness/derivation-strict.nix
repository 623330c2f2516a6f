# test: no-strict
derivationStrict { name = "d"; system = "x"; builder = "b"; }
