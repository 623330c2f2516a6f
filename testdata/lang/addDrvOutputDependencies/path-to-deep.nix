let d = derivation { name = "d"; system = "x"; builder = "b"; }; in
builtins.getContext (builtins.addDrvOutputDependencies (builtins.unsafeDiscardOutputDependency d.drvPath))
