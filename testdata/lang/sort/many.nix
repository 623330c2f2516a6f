let n = 300; l = builtins.genList (i: (i * 7919) - (i * 7919 / n * n)) n; in builtins.foldl' (acc: x: acc && x) true
  (let s = builtins.sort builtins.lessThan l; in builtins.genList (i: builtins.elemAt s i <= builtins.elemAt s (i + 1)) (n - 1))
