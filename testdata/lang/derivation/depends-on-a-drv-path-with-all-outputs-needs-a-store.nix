let a = derivation { name = "a"; system = "x"; builder = "b"; }; in (derivation { name = "b"; system = "x"; builder = "b"; p = a.drvPath; }).drvPath
