[ builtins.true builtins.false builtins.null (builtins.builtins.builtins ? map) ]
