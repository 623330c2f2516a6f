builtins.foldl' (throw "forced") "start" [ ]
