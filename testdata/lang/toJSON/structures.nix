builtins.toJSON { b = [ 1 { } [ ] ]; a = { c = null; }; "x y" = "z"; }
