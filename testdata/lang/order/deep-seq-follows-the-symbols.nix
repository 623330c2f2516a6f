# test: stderr
builtins.deepSeq { zz = builtins.trace "zz" 1; aa = builtins.trace "aa" 2; } "done"
