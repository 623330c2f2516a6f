# test: stderr
builtins.stringLength (builtins.toXML { zz = builtins.trace "zz" 1; aa = builtins.trace "aa" 2; })
