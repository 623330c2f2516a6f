let f = x: undefinedName; in 1
