# What a builtin has had evaluated is still the same cell, wherever else it is held.
let
  f = x: x;
  xs = map (x: x) [ f [ 1 ] { a = 1; } "s" (y: y) null ];
  pick = builtins.elemAt xs;
  touched = [
    (builtins.filter (x: builtins.isFunction x || true) xs == xs)
    (builtins.any (x: x == 0) xs)
    (builtins.all (x: x != 0) xs)
    (builtins.foldl' (n: x: if x == null then n else n + 1) 0 xs)
    (builtins.length (builtins.concatMap (x: if builtins.isList x then x else [ x ]) xs))
    (builtins.attrNames (builtins.groupBy builtins.typeOf xs))
    (builtins.length (builtins.partition builtins.isFunction xs).right)
    (builtins.elem "s" xs)
    (builtins.typeOf (builtins.head xs))
  ];
  sets = builtins.mapAttrs (_: v: [ v v ]) { inherit f; g = builtins.elemAt xs 4; l = [ 2 ]; };
in
{
  inherit touched;
  same = xs == xs;
  picked = [ (pick 0 == pick 0) (pick 0 == f) (pick 4 == pick 4) ];
  pairs = [ ([ (pick 0) ] == [ (pick 0) ]) ({ x = pick 1; } == { x = pick 1; }) ];
  mapped = [ (sets == sets) (sets.f == sets.f) (builtins.elemAt sets.f 0 == builtins.elemAt sets.f 1) ];
  copied = builtins.attrValues (builtins.mapAttrs (_: v: v == v) { inherit f; h = pick 4; });
  printed = [ xs xs (builtins.elemAt xs 1) (builtins.elemAt xs 1) ];
}
