derivationStrict { name = "d"; system = "x"; }
