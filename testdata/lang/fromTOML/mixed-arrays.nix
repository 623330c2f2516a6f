builtins.fromTOML ''a = [ 1, "two", 3.0, { four = 4 } ]''
