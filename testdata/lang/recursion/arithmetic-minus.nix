# test: stderr
let a = -a; in a
