builtins.fromTOML "d = 07:32:00"
