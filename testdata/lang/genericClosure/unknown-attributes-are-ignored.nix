builtins.genericClosure { startSet = [ { key = 1; } ]; operator = _: [ ]; extra = 1; }
