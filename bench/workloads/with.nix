# Names found through `with`: of small sets and large ones, nested, and beside names that are bound.
let
  inherit (builtins) foldl' genList listToAttrs;
  large = listToAttrs (genList (i: { name = "v${toString i}"; value = i; }) 2000) // { inherit foldl'; };
  small = { a = 1; b = 2; c = 3; };
  step = sum: i: with large; with small; sum + a + b + v17 + v1999 + (with { a = i; }; a + c) + v1000;
  each = sum: i: foldl' (part: f: part + f i) sum (with large; [ (x: x + v3) (x: x + v4) (with small; x: a + x) ]);
in
[ (foldl' step 0 (genList (i: i) 450000)) (foldl' each 0 (genList (i: i) 180000)) ]
