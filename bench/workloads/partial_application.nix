# Functions that get their arguments one after the other, from different places; functions made by functions.
# goal: 0.6
let
  compose = f: g: x: f (g x);
  add = x: y: x + y;
  flip = f: x: y: f y x;
  clamp = low: high: x: if x < low then low else if x > high then high else x;
  adders = map add [ 1 2 3 4 5 6 7 8 ];
  limit = clamp 0 100000;
  step = builtins.foldl' (f: adder: compose (compose limit adder) f) (flip add 1) adders;
in
builtins.foldl' (sum: i: step sum - i) 0 (builtins.genList (i: i / 4000) 120000)
