builtins.attrNames (builtins.readDir ./_files)
