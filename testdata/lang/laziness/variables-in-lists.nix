# test: no-strict
let a = 1; b = 1 + 1; f = x: [ x a b ]; in [ a b (f 1) f ]
