# test: stderr
(builtins.trace "function" (x: x)) (builtins.trace "argument" 1)
