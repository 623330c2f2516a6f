# test: no-strict
let a = { b = 1 + 1; c = a.b; }; in a
