# test: stderr
builtins.listToAttrs [ { name = builtins.trace "n1" "b"; value = builtins.trace "v1" 1; } { name = builtins.trace "n2" "a"; value = builtins.trace "v2" 2; } ]
