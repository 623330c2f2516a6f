[ (builtins.add 1 2) (builtins.add (-1) 1) (map (builtins.add 10) [ 1 2 ]) ]
