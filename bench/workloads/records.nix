# Small sets as records: made, taken apart by formals, inherited from, recursive.
# goal: 0.6
let
  point = x: y: { inherit x y; norm = x * x + y * y; };
  move = { dx ? 1, dy ? 2 }: { x, y, ... }: point (x + dx) (y + dy);
  rectangle = from: to: rec {
    inherit (from) x y;
    width = to.x - x;
    height = to.y - y;
    area = width * height;
  };
  step = sum: i:
    let
      a = point i (i + 1);
      b = move { dx = 3; } (move { } a);
    in
    sum + (rectangle a b).area + b.norm - a.norm;
in
builtins.foldl' step 0 (builtins.genList (i: i) 300000)
