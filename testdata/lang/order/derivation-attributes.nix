# test: stderr
(derivationStrict { zz = builtins.trace "zz" 1; aa = builtins.trace "aa" 2; name = builtins.trace "name" "d"; system = builtins.trace "system" "x"; builder = builtins.trace "builder" "b"; }).drvPath
