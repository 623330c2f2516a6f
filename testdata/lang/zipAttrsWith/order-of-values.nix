builtins.zipAttrsWith (n: vs: vs) [ { a = 1; } { a = 2; } { a = [ 3 ]; } ]
