# groupBy and partition.
let
  inherit (builtins) attrNames foldl' genList groupBy length map partition;
  numbers = genList (i: i * 7919 - i * 7919 / 10007 * 10007) 120000;
  rest = n: x: x - x / n * n;
  grouped = n: groupBy (x: "g${toString (rest n x)}") numbers;
  sizes = n: let groups = grouped n; in map (name: length groups.${name}) (attrNames groups);
  split = n: let parts = partition (x: rest n x == 0) numbers; in length parts.right - length parts.wrong;
in
[ (map (n: foldl' (a: b: a + b * b) 0 (sizes n)) [ 2 16 256 4096 ]) (map split [ 2 3 5 7 11 13 ]) ]
