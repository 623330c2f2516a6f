# test: stderr
let early = x: x.mm; in { zz = builtins.trace "zz" 1; aa = builtins.trace "aa" 2; mm = builtins.trace "mm" 3; }
