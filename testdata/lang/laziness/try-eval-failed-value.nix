# test: no-strict
let x = throw "x"; in builtins.seq (builtins.tryEval x) [ x ]
