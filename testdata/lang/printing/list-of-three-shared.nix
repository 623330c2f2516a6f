let l = [ 1 2 3 ]; f = x: [ x x ]; in f l
