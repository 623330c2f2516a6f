let f = x: y: [ x y ]; in [ (f 1 2) (f 1"a") (f"a"1) (f[ ]{ }) ]
