1 + builtins.length
