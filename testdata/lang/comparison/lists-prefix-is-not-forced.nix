[ 1 ] < [ 1 (throw "x") ]
