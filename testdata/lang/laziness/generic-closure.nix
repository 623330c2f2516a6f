# test: no-strict
builtins.genericClosure { startSet = [ { key = 1; v = 1 + 1; } ]; operator = _: [ ]; }
