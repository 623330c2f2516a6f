# test: stderr
{ zz = builtins.trace "zz" 1; aa = builtins.trace "aa" 2; mm = builtins.trace "mm" 3; }
