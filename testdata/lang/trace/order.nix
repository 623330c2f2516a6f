# test: stderr
let f = x: builtins.trace "arg ${toString x}" x; in f 1 + f 2 * f 3
