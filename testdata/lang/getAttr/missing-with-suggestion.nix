builtins.getAttr "foo" { fob = 1; bar = 2; fop = 3; }
