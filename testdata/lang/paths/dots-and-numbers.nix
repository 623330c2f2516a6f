[ (1.5) (a: a.b) (builtins.typeOf .5/x) (builtins.typeOf 1/2) (1 / 2) ]
