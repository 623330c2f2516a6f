builtins.length [ (abort "a") ]
