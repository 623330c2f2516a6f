# test: stderr
let l = map (x: builtins.trace "once" x) [ 1 ]; in [ (builtins.head l) (builtins.head l) ]
