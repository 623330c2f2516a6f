builtins.foldl' (acc: i: { inherit acc; }) 0 (builtins.genList (i: i) 30)
