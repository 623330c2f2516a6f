let l = builtins.genList (x: [ x x x ]) 10; in builtins.deepSeq l (l 1)
