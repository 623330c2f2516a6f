let
  x = 1;
  src = { y = 2; };
  s = {
    inherit x;
    inherit (src) y;
  };
  at = n: let p = builtins.unsafeGetAttrPos n s; in [ p.line p.column ];
in map at [ "x" "y" ]
