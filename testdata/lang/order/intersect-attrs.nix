# test: stderr
builtins.attrNames (builtins.intersectAttrs (builtins.trace "first" { a = 1; }) (builtins.trace "second" { a = 2; }))
