# Lists of eight names and more, the same one, and made anew of the same or nearly the same names.
let
  inherit (builtins) attrNames genList removeAttrs unsafeGetAttrPos;
  set = { a = 1; b = 2; c = 3; d = 4; e = 5; f = 6; g = 7; h = 8; i = 9; };
  other = { z = 1; y = 2; b = 3; };
  constant = [ "a" "b" "c" "d" "e" "f" "g" "none" ];
  made = n: [ "a" "b" "c" "d" "e" "f" "g" (if n > 1 then "h" else "none") ];
in
[
  (map (_: removeAttrs set constant) (genList (x: x) 3))
  (map (_: removeAttrs other constant) (genList (x: x) 3))
  (map (n: removeAttrs set (made n)) [ 0 1 2 3 0 2 ])
  (map (n: removeAttrs other (made n)) [ 0 1 2 3 0 2 ])
  (removeAttrs set (constant ++ [ "h" "i" ]))
  (attrNames (removeAttrs set [ "z" "z" "z" "z" "z" "z" "z" "z" ]))
  ((unsafeGetAttrPos "h" (removeAttrs set constant)).line)
]
