# test: stderr
let f = x: x - 1; a = f a; in a
