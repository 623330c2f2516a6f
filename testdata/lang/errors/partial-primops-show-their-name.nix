1 + builtins.substring 0
