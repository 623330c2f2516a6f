let l = [ 1 ]; in [ l l { inherit l; } ]
