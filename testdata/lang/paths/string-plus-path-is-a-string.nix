builtins.typeOf ("x" + toString ./a)
