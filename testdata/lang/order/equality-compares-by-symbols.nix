# test: stderr
{ zz = builtins.trace "zz" 1; aa = builtins.trace "aa" 2; } == { aa = builtins.trace "aa'" 2; zz = builtins.trace "zz'" 1; }
