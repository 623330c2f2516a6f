builtins.typeOf (x:(x))
