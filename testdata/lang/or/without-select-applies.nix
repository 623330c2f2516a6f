# test: stderr
let or = 1; f = a: b: [ a b ]; in f f or
