# test: stderr
builtins.map (x: x.name) [ { name = 1; } { nam = 2; } ]
