# Names that were good together before are no proof for those that begin alike, and no name behind a duplicate is looked at.
let
  make = a: b: c: { s = 1; ${a} = 2; ${b} = 3; ${c} = 4; };
in
[ (make "x" "y" "z") (make "x" null "z") (make "x" "x" (throw "too far")) ]
