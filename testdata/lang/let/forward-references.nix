let a = b; b = c; c = "end"; in a
