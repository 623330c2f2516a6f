# test: no-strict
builtins.zipAttrsWith (n: vs: vs) [ { a = 1; } { a = 2; } ]
