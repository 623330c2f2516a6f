let d = derivation { name = "d"; system = "x"; builder = "b"; }; in
map builtins.getContext [ d.drvPath (builtins.unsafeDiscardOutputDependency d.drvPath) ]
