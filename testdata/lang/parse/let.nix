# test: parse
let a = 1; b.c = 2; inherit ({ d = 3; }) d; in a
