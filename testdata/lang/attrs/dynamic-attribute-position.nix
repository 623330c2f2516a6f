let n = "a"; p = builtins.unsafeGetAttrPos "a" { ${n} = 1; }; in [ p.line p.column ]
