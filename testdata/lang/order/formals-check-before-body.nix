# test: stderr
(builtins.trace "function" ({ a, b ? builtins.trace "default" 2 }: a + b)) (builtins.trace "argument" { a = builtins.trace "a" 1; })
