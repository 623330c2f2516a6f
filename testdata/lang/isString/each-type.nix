map builtins.isString [ { } [ ] 1 1.5 "s" null true /p (x: x) { outPath = "x"; } http://x.y ]
