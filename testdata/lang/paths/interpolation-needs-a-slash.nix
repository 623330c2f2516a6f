let a = "x"; in [ (builtins.typeOf ./a${a}) ("a${a}") ]
