builtins.filter { __functor = _: x: x > 1; } [ 1 2 3 ]
