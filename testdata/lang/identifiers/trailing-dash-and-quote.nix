let a- = 1; a'' = 2; a--b = 3; in [ a- a'' a--b ]
