builtins.toJSON { b = 1; B = 2; "é" = 3; "1" = 4; a = 5; }
