# test: stderr
let a = 1 - a; in a
