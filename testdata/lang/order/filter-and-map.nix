# test: stderr
map (x: builtins.trace "map ${toString x}" x) (builtins.filter (x: builtins.trace "filter ${toString x}" (x > 1)) [ 1 2 3 ])
