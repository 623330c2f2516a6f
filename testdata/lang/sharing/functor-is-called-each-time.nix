# test: stderr
let f = { __functor = self: builtins.trace "functor" (x: x); }; in f 1 + f 2
