let d = derivation { name = "d"; system = "x"; builder = "b"; }; in (d // { name = "other"; builder = 1; }).outPath == d.outPath
