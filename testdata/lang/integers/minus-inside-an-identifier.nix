let a-b = 10; a = 5; b = 2; in [ (a-b) (a - b) (a -b) ]
