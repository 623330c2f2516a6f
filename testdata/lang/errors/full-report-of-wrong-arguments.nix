# test: stderr
let f = { a, b ? 2 }: a; in f { c = 1; }
