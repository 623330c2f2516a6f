# test: stderr
builtins.zipAttrsWith (n: vs: builtins.trace "zip ${n}" vs) [ { zz = 1; aa = 2; } { aa = 3; } ]
