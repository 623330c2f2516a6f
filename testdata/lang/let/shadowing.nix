let a = 1; in [ a (let a = 2; in a) (let b = a; a = 3; in b) a ]
