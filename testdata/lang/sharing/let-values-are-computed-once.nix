# test: stderr
let x = builtins.trace "computed" 1; in [ x x (x + x) ]
