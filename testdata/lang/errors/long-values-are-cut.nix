1 + builtins.genList (x: x) 100
