# test: stderr
builtins.length (builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: builtins.trace "operator ${toString x.key}" (if x.key > 3 then [ ] else [ { key = x.key + 1; } { key = x.key + 2; } ]); })
