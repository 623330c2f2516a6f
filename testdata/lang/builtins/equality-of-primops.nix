[ (map == map) (builtins.map == map) ([ map ] == [ map ]) (builtins == builtins) ]
