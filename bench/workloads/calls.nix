# Calls of functions of one to three parameters with all their arguments.
# goal: 0.6
let
  wrap = x: if x > 1000003 then x - 1000003 else x;
  add = x: y: wrap (x + y);
  mix = x: y: z: add (add x y) (add z 17);
  # A tree of calls: as many as a loop would make, without its depth.
  walk = depth: seed: if depth == 0 then mix seed depth 3 else add (walk (depth - 1) (add seed depth)) (walk (depth - 1) seed);
in
walk 18 1
