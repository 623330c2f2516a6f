let
  make = a: b: { s = 1; ${a} = 2; ${b} = 3; };
in
[ (make "x" "y") (make "y" "x") (make "y" "s") ]
