map builtins.isFunction [ { } [ ] 1 1.5 "s" null true /p (x: x) map (map (x: x)) ({ a }: a) import derivation ]
