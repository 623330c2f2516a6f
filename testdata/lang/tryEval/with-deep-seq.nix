let e = { a = [ (throw "x") ]; }; in (builtins.tryEval (builtins.deepSeq e e)).success
