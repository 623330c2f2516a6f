(builtins.tryEval (builtins.seq (throw "x") 1)) // { lazy = builtins.length [ (throw "never") ]; }
