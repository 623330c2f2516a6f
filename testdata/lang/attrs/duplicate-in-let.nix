let a = 1; a = 3; in a
