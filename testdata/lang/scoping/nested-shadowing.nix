let x = 1; f = x: let y = x; in (x: [ x y ]) (x + 1); in f 10
