# test: stderr
let f = x: { y = x + 1; }; g = x: f x; in (builtins.tryEval (g "a")).success or true
