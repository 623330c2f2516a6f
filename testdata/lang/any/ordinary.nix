[ (builtins.any (x: x > 3) [ 1 5 ]) (builtins.any (x: x > 3) [ 1 2 ]) ]
