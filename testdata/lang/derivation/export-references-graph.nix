let a = derivation { name = "a"; system = "x"; builder = "b"; }; in (derivation { name = "d"; system = "x"; builder = "b"; exportReferencesGraph = [ "graph" a ]; }).drvPath
