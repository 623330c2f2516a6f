[ (builtins.getAttr "a" { a = 1; b = throw "not forced"; }) (map (builtins.getAttr "x") [ { x = 1; } { x = 2; } ]) ]
