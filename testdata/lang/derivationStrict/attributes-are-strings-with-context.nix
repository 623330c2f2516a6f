let d = derivationStrict { name = "d"; system = "x"; builder = "b"; }; in [ (builtins.getContext d.drvPath) (builtins.getContext d.out) ]
