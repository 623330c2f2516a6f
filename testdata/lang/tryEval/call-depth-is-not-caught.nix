# test: option max-call-depth 50
builtins.tryEval (let f = x: f x; in f 1)
