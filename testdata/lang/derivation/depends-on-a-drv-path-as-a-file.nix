let a = derivation { name = "a"; system = "x"; builder = "b"; }; in
map (p: (derivation { name = "b"; system = "x"; builder = "b"; inherit p; }).drvPath) [ (builtins.unsafeDiscardOutputDependency a.drvPath) (builtins.unsafeDiscardStringContext a.drvPath) ]
