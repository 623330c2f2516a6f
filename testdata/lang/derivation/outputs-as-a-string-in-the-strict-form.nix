derivationStrict { name = "d"; system = "x"; builder = "b"; outputs = "out dev"; }
