[ (map (builtins.add 1) [ 1 2 ]) (builtins.typeOf (builtins.substring 0)) (builtins.substring 0 1) builtins.substring ]
