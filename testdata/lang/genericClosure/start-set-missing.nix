builtins.genericClosure { operator = _: [ ]; }
