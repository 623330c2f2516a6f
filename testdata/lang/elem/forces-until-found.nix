builtins.elem 2 [ (throw "forced") 2 ]
