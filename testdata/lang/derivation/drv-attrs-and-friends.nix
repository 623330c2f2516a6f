let d = derivation { name = "d"; system = "x"; builder = "b"; a = 1; }; in [ (builtins.attrNames d) d.drvAttrs d.type ]
