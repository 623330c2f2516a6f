[ (builtins.pathExists ./_files/dangling) (builtins.pathExists ./_files/link) (builtins.pathExists ./_files/dangling/x) ]
