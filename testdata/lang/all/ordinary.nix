[ (builtins.all (x: x < 3) [ 1 2 ]) (builtins.all (x: x < 3) [ 1 5 2 ]) ]
