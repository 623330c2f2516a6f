builtins.length (builtins.genList (throw "forced") 3)
