let x = 1; in let inherit x; y = x; inherit ({ z = 3; }) z; in [ x y z ]
