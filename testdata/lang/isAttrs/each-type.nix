map builtins.isAttrs [ { } [ ] 1 1.5 "s" null true /p (x: x) { type = "derivation"; } ]
