let d = n: derivation { name = n; system = "x"; builder = "b"; }; in
builtins.addDrvOutputDependencies "${(d "a").drvPath}${(d "b").drvPath}"
