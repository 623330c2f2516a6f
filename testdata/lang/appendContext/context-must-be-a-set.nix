builtins.appendContext "a" [ ]
