# test: no-strict
(x: y: { inherit x y; z = x; l = [ x y ]; }) (1 + 1) 2
