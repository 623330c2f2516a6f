[ (builtins.functionArgs (x: x)) (builtins.functionArgs map) (builtins.functionArgs (map (x: x))) ]
