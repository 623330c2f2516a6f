map (builtins.sub 10) [ 1 (-1) 10 2.5 ]
