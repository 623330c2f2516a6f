map builtins.typeOf [ 1 1.5 "s" true null { } [ ] /p (x: x) map (map (x: x)) ./p { type = "derivation"; } ]
