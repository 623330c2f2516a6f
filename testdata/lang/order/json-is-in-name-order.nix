# test: stderr
# test: json
{ zz = builtins.trace "zz" "z"; aa = builtins.trace "aa" "a"; }
