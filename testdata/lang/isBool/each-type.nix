map builtins.isBool [ { } [ ] 1 1.5 "s" null true false /p (x: x) ]
