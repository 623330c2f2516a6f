# test: stderr
(x: x + x) (builtins.trace "once" 1)
