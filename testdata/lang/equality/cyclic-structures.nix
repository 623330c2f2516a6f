# test: option max-call-depth 100
let a = { x = a; }; b = { x = b; }; in a == b
