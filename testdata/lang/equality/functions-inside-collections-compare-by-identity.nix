let f = x: x; s = { inherit f; }; l = [ f ]; in [ (s == s) (l == l) ({ inherit f; } == { inherit f; }) ([ f ] == [ f ]) ([ (x: x) ] == [ (x: x) ]) ]
