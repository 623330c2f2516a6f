let d = derivation { name = "d"; system = "x"; builder = "b"; a = d.outPath; }; in d.outPath
