[ (builtins.hasAttr "" { "" = throw "not forced"; }) (builtins.hasAttr "a.b" { a.b = 1; }) (builtins.hasAttr "a" { }) ]
