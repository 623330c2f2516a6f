# test: stderr
builtins.mapAttrs (n: v: builtins.trace "map ${n}" v) { zz = 1; aa = 2; }
