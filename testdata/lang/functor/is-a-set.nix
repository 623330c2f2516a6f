[ (builtins.isFunction { __functor = _: x: x; }) (builtins.typeOf { __functor = _: x: x; }) ]
