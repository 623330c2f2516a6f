# test: stderr
let or = 2; f = x: [ x ]; in [ f or ]
