map builtins.isInt [ { } [ ] 1 1.5 "s" null true /p (x: x) ]
