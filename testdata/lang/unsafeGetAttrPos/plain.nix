let
  s = {
    a = 1;
    b.c = 2;
    "d e" = 3;
  };
  at = n: let p = builtins.unsafeGetAttrPos n s; in [ (baseNameOf p.file) p.line p.column ];
in map at [ "a" "b" "d e" ]
