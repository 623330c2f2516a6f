(x, y): x
