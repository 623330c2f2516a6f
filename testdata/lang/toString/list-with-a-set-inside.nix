toString [ 1 { a = 2; } ]
