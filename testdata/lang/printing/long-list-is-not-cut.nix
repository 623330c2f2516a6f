builtins.genList (i: i) 50
