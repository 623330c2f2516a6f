[ 1 (throw "x") ] == [ 1 ]
