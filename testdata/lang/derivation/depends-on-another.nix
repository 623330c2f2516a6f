let a = derivation { name = "a"; system = "x"; builder = "b"; }; b = derivation { name = "b"; system = "x"; builder = "${a}/bin/sh"; dep = a; }; in [ b.drvPath b.outPath ]
