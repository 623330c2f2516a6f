builtins.isBool "true"
