# test: no-strict
builtins.attrValues { a = 1 + 1; b = 2; }
