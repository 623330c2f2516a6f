null ++ [ 1 ]
