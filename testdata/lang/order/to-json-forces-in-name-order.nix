# test: stderr
builtins.toJSON { zz = builtins.trace "zz" 1; aa = builtins.trace "aa" 2; }
