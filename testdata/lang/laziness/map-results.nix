# test: no-strict
[ (map (x: x) [ 1 2 ]) (builtins.genList (x: x) 2) (builtins.filter (x: true) [ (1 + 1) 2 ]) ]
