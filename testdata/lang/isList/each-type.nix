map builtins.isList [ { } [ ] 1 1.5 "s" null true /p (x: x) [ (throw "x") ] ]
