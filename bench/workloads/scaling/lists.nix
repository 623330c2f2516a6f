# Lists of n elements: made, filtered, joined, sorted, grouped, folded.
{ n, repeat }:
let
  inherit (builtins) attrNames concatStringsSep filter foldl' genList groupBy length map sort stringLength;
  rest = d: x: x - x / d * d;
  once = round:
    let
      numbers = genList (i: rest 100003 (i * 7919 + round)) n;
      odd = filter (x: rest 2 x == 1) numbers;
      sorted = sort (a: b: a < b) (numbers ++ odd);
      groups = groupBy (x: toString (rest 100 x)) sorted;
      text = concatStringsSep "," (map toString odd);
    in
    foldl' (sum: name: sum + length groups.${name}) (stringLength text) (attrNames groups);
in
foldl' (sum: round: sum + once round) 0 (genList (i: i) repeat)
