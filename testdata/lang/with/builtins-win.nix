with { map = "with"; toString = 1; }; [ (builtins.typeOf map) (builtins.typeOf toString) ]
